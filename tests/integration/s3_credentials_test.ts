/**
 * Credentials by the SDK's own chain, each source with a stand-in on loopback, in a process that has the permissions
 * of the executable.
 */
import assert from "node:assert/strict";
import { systemClock } from "../../src/support/clock.ts";
import { StandInS3 } from "../support/stand_in_s3.ts";

const CHILD = new URL("s3_credentials_child.ts", import.meta.url).pathname;

const PERMISSIONS = [
  "--allow-net",
  "--allow-read",
  "--allow-env=AWS_*,HOME,USERPROFILE,HOMEPATH,HOMEDRIVE,_X_AMZN_TRACE_ID," +
  "HTTP_PROXY,HTTPS_PROXY,ALL_PROXY,http_proxy,https_proxy,all_proxy",
  "--allow-sys=hostname,osRelease,uid,homedir",
];

/** What the child says, and the key id and session token that the S3 server was shown. */
interface Outcome {
  readonly said: string;
  readonly keyId?: string;
  readonly token?: string | null;
}

async function outcomeWith(environment: Record<string, string>): Promise<Outcome> {
  await using s3 = new StandInS3(() => new Response(null, { status: 404 }));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...PERMISSIONS, CHILD, s3.url],
    clearEnv: true,
    // Deno itself looks for its cache there.
    env: { DENO_DIR: await cacheFolder(), NO_COLOR: "1", ...environment },
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  const said = (decoder.decode(stdout) + decoder.decode(stderr)).trim();
  const headers = s3.calls[0]?.headers;
  if (headers === undefined) return { said };
  const keyId = /Credential=([^/]+)/.exec(headers.get("authorization") ?? "")?.[1] ?? "";
  return { said, keyId, token: headers.get("x-amz-security-token") };
}

async function cacheFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

function expiry(): string {
  return new Date(systemClock.wallMs() + 3_600_000).toISOString();
}

/** Runs `check` in a home folder with these files. */
async function withHome(
  files: Record<string, string>,
  check: (home: string) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${home}/.aws`);
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${home}/${name}`, text);
    }
    await check(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

Deno.test("credentials come from the environment, also where there is no home folder", async () => {
  const outcome = await outcomeWith({
    AWS_ACCESS_KEY_ID: "ENVIRONMENT",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "session",
  });
  assert.deepEqual(outcome, { said: '"absent"', keyId: "ENVIRONMENT", token: "session" });
});

Deno.test("credentials come from a profile", async () => {
  const profile = "[work]\naws_access_key_id = PROFILE\naws_secret_access_key = secret\n";
  await withHome({ ".aws/credentials": profile }, async (home) => {
    const outcome = await outcomeWith({ HOME: home, AWS_PROFILE: "work" });
    assert.deepEqual(outcome, { said: '"absent"', keyId: "PROFILE", token: null });
  });
});

Deno.test("credentials come from the instance's metadata service (IMDSv2)", async () => {
  const role = "/latest/meta-data/iam/security-credentials/";
  await using imds = new StandInS3(({ method, path, headers }) => {
    if (method === "PUT" && path === "/latest/api/token") return new Response("session");
    if (headers.get("x-aws-ec2-metadata-token") !== "session") {
      return new Response(null, { status: 401 });
    }
    if (path === role) return new Response("machine");
    const credentials = { AccessKeyId: "INSTANCE", SecretAccessKey: "s", Token: "instance-token" };
    return Response.json({ Code: "Success", ...credentials, Expiration: expiry() });
  });
  const outcome = await outcomeWith({ AWS_EC2_METADATA_SERVICE_ENDPOINT: imds.url });
  assert.deepEqual(outcome, { said: '"absent"', keyId: "INSTANCE", token: "instance-token" });
});

Deno.test("credentials come from the container's endpoint (ECS, EKS pod identity)", async () => {
  await using ecs = new StandInS3(({ path, headers }) => {
    if (path !== "/credentials" || headers.get("authorization") !== "container-secret") {
      return new Response(null, { status: 403 });
    }
    const credentials = {
      AccessKeyId: "CONTAINER",
      SecretAccessKey: "s",
      Token: "container-token",
    };
    return Response.json({ ...credentials, Expiration: expiry() });
  });
  const outcome = await outcomeWith({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${ecs.url}/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: "container-secret",
  });
  assert.deepEqual(outcome, { said: '"absent"', keyId: "CONTAINER", token: "container-token" });
});

Deno.test("credentials come from a web identity token (EKS service accounts)", async () => {
  await using sts = new StandInS3(({ body }) => {
    const form = new URLSearchParams(new TextDecoder().decode(body));
    assert.equal(form.get("Action"), "AssumeRoleWithWebIdentity");
    assert.equal(form.get("WebIdentityToken"), "web-token");
    const credentials = "<AccessKeyId>WEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey>" +
      `<SessionToken>web-session</SessionToken><Expiration>${expiry()}</Expiration>`;
    const result = `<AssumeRoleWithWebIdentityResult><Credentials>${credentials}</Credentials>` +
      "</AssumeRoleWithWebIdentityResult>";
    const text = `<AssumeRoleWithWebIdentityResponse>${result}</AssumeRoleWithWebIdentityResponse>`;
    return new Response(text, { headers: { "content-type": "text/xml" } });
  });
  await withHome({ "token": "web-token" }, async (home) => {
    const outcome = await outcomeWith({
      AWS_WEB_IDENTITY_TOKEN_FILE: `${home}/token`,
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/lake",
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL_STS: sts.url,
    });
    assert.deepEqual(outcome, { said: '"absent"', keyId: "WEB", token: "web-session" });
  });
});

Deno.test("no credentials at all are one sentence that says where they may come from", async () => {
  const { said } = await outcomeWith({ AWS_EC2_METADATA_DISABLED: "true" });
  assert.match(said, /^PermanentError: .*no AWS credentials were found.*AWS_ACCESS_KEY_ID.*$/);
});
