/**
 * Credentials by the SDK's own chain, each source with a stand-in on loopback, in a process that has the permissions
 * of the executable.
 */
import assert from "node:assert/strict";
import { systemClock } from "../../src/support/clock.ts";
import {
  type S3Call,
  s3Refusal,
  type S3Story,
  s3UploadBegun,
  s3UploadComplete,
  s3Xml,
  StandInS3,
} from "../support/stand_in_s3.ts";

const CHILD = new URL("s3_credentials_child.ts", import.meta.url).pathname;
const RENEWAL_CHILD = new URL("s3_renewal_child.ts", import.meta.url).pathname;

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
  const said = await saidBy(CHILD, [s3.url], environment);
  const headers = s3.calls[0]?.headers;
  if (headers === undefined) return { said };
  return { said, keyId: keyIdOf(headers), token: headers.get("x-amz-security-token") };
}

/** What a program prints that has the permissions of the executable, and this environment and no other. */
async function saidBy(
  program: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...PERMISSIONS, program, ...args],
    clearEnv: true,
    // Deno itself looks for its cache there.
    env: { DENO_DIR: await cacheFolder(), NO_COLOR: "1", ...environment },
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return (decoder.decode(stdout) + decoder.decode(stderr)).trim();
}

function keyIdOf(headers: Headers): string {
  return /Credential=([^/]+)/.exec(headers.get("authorization") ?? "")?.[1] ?? "";
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

/** How a store answers a request that is allowed, where nothing is there yet. */
function emptyStore(call: S3Call): Response {
  if (call.query.has("uploads")) return s3UploadBegun();
  if (call.method === "PUT") return new Response(null, { headers: { etag: '"1"' } });
  // The object that a probe leaves is there.
  if (call.path.startsWith("/lake/_tributary/probe/")) {
    return call.method === "POST" ? s3Refusal(412, "PreconditionFailed") : new Response("probed");
  }
  if (call.method === "POST") return s3UploadComplete();
  if (call.query.has("list-type")) return s3Xml("<ListBucketResult></ListBucketResult>");
  return call.method === "HEAD"
    ? new Response(null, { status: 404 })
    : s3Refusal(404, call.path === "/lake/none" ? "NoSuchKey" : "NoSuchUpload");
}

/**
 * A store that knows no key longer than for `requestsMax` requests: then there is another one, which `renew` is given.
 * To a HEAD it answers without a word, as S3 does.
 */
function forgetfulStore(
  [status, code]: readonly [number, string],
  requestsMax: number,
  renew: (keyId: string) => void,
): S3Story {
  let generation = 1;
  let answered = 0;
  return (call) => {
    if (keyIdOf(call.headers) !== `KEY${generation}`) {
      return call.method === "HEAD" ? new Response(null, { status }) : s3Refusal(status, code);
    }
    if (++answered % requestsMax === 0) renew(`KEY${++generation}`);
    return emptyStore(call);
  };
}

function profileOf(keyId: string): string {
  return `[default]\naws_access_key_id = ${keyId}\naws_secret_access_key = secret\n`;
}

const KINDS = ["put", "head", "get", "list", "folders", "head", "put"];

Deno.test("keys that change in a file are read again, whatever request meets that the old ones are over", async () => {
  const refusals = [
    [400, "ExpiredToken"],
    [403, "InvalidAccessKeyId"],
    [403, "RequestExpired"],
    [400, "InvalidToken"],
    // MinIO's word.
    [403, "InvalidTokenId"],
    [403, "SignatureDoesNotMatch"],
  ] as const;
  for (const refusal of refusals) {
    await withHome({ ".aws/credentials": profileOf("KEY1") }, async (home) => {
      const renew = (keyId: string) =>
        Deno.writeTextFileSync(`${home}/.aws/credentials`, profileOf(keyId));
      await using s3 = new StandInS3(forgetfulStore(refusal, 1, renew));
      const said = await saidBy(RENEWAL_CHILD, [s3.url, ...KINDS], { HOME: home });
      const answers = ['"created"', '"absent"', '"absent"', "[]", "[]", '"absent"', '"created"'];
      assert.equal(said, KINDS.map((kind, i) => `${kind} ${answers[i]}`).join("\n"), refusal[1]);
    });
  }
});

Deno.test("keys that change in the middle of a large upload do not end it", async () => {
  await withHome({ ".aws/credentials": profileOf("KEY1") }, async (home) => {
    const renew = (keyId: string) =>
      Deno.writeTextFileSync(`${home}/.aws/credentials`, profileOf(keyId));
    await using s3 = new StandInS3(forgetfulStore([400, "ExpiredToken"], 3, renew));
    const said = await saidBy(RENEWAL_CHILD, [s3.url, "put", "large", "head"], { HOME: home });
    assert.equal(said, 'put "created"\nlarge "created"\nhead "absent"');
  });
});

Deno.test("a token file that changes is read again where the session it gave is over", async () => {
  const tokens: (string | null)[] = [];
  await using sts = new StandInS3(({ body }) => {
    const form = new URLSearchParams(new TextDecoder().decode(body));
    tokens.push(form.get("WebIdentityToken"));
    const keyId = form.get("WebIdentityToken") === "token-1" ? "KEY1" : "KEY2";
    const credentials = `<AccessKeyId>${keyId}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>` +
      `<SessionToken>t</SessionToken><Expiration>${expiry()}</Expiration>`;
    const result = `<AssumeRoleWithWebIdentityResult><Credentials>${credentials}</Credentials>` +
      "</AssumeRoleWithWebIdentityResult>";
    const text = `<AssumeRoleWithWebIdentityResponse>${result}</AssumeRoleWithWebIdentityResponse>`;
    return new Response(text, { headers: { "content-type": "text/xml" } });
  });
  await withHome({ "token": "token-1" }, async (home) => {
    const renew = () => Deno.writeTextFileSync(`${home}/token`, "token-2");
    await using s3 = new StandInS3(forgetfulStore([400, "ExpiredToken"], 1, renew));
    const said = await saidBy(RENEWAL_CHILD, [s3.url, "put", "head"], {
      AWS_WEB_IDENTITY_TOKEN_FILE: `${home}/token`,
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/lake",
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL_STS: sts.url,
    });
    assert.equal(said, 'put "created"\nhead "absent"');
    assert.deepEqual(tokens, ["token-1", "token-2"]);
  });
});

Deno.test("a role that has other keys now is asked again, for all that its old ones were said to be good", async () => {
  let keyId = "KEY1";
  const credentials = () => ({
    AccessKeyId: keyId,
    SecretAccessKey: "s",
    Token: "t",
    Expiration: expiry(),
  });
  await using role = new StandInS3(({ method, path }) => {
    if (method === "PUT") return new Response("session");
    if (path === "/credentials") return Response.json(credentials());
    if (path.endsWith("/security-credentials/")) return new Response("machine");
    return Response.json({ Code: "Success", ...credentials() });
  });
  const ways = [
    { AWS_EC2_METADATA_SERVICE_ENDPOINT: role.url },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${role.url}/credentials` },
  ] as const;
  for (const way of ways) {
    keyId = "KEY1";
    const renew = (other: string) => keyId = other;
    await using s3 = new StandInS3(forgetfulStore([400, "ExpiredToken"], 1, renew));
    const said = await saidBy(RENEWAL_CHILD, [s3.url, "put", "head", "put"], { ...way });
    assert.equal(said, 'put "created"\nhead "absent"\nput "created"');
  }
});

Deno.test("keys that are over and not replaced are asked for again at each try, with a sentence in the end", async () => {
  await withHome({ ".aws/credentials": profileOf("KEY1") }, async (home) => {
    await using s3 = new StandInS3(forgetfulStore([400, "ExpiredToken"], 1, () => {}));
    const said = await saidBy(RENEWAL_CHILD, [s3.url, "put", "list"], { HOME: home });
    assert.match(
      said,
      /^put "created"\nTransientError: Cannot list .*the session token has expired/,
    );
    assert.match(said, /are read again at each try.*\(3 tries\)$/);
    // Each try is sent once more with the credentials that were read anew.
    assert.equal(s3.calls.length, 1 + 3 * 2);
  });
});

Deno.test("a right that is missing is no reason to ask for credentials again and again", async () => {
  await withHome({ ".aws/credentials": profileOf("KEY1") }, async (home) => {
    await using s3 = new StandInS3((call) =>
      call.method === "HEAD" ? new Response(null, { status: 403 }) : s3Refusal(403, "AccessDenied")
    );
    const said = await saidBy(RENEWAL_CHILD, [s3.url, "head"], { HOME: home });
    assert.match(
      said,
      /^PermanentError: Cannot look for object "none".*AccessDenied.*s3:GetObject/,
    );
    assert.deepEqual(s3.log, ["HEAD /lake/none", "GET /lake/none"]);
  });
});
