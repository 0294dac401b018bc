import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../scripts/services/free_port.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";
import { s3Settings, streamingSettings } from "./settings.ts";

const CERTIFICATES = ["server", "authority"].map((name) =>
  fileURLToPath(new URL(`../support/tls/${name}.pem`, import.meta.url))
);
const TOKEN = "a-token-for-the-test";

interface LocalInstance {
  /** With all that the service is told. */
  readonly envFile: string;
  readonly stream: string;
  readonly url: string;
  readonly program: Program;
}

/** An instance as a service has it: on a machine without Redis, with its settings in a file of variables. */
async function withService(
  more: Readonly<Record<string, string>>,
  use: (instance: LocalInstance) => Promise<void>,
): Promise<void> {
  await using writer = createMongoWriter(uniqueName("local"));
  const folder = await Deno.makeTempDir();
  try {
    const address = `127.0.0.1:${freePort()}`;
    const settings = {
      ...streamingSettings(writer.database),
      DESTINATION: `file://${folder}/lake`,
      HTTP_ADDRESS: address,
      ...more,
    };
    const envFile = join(folder, "tributary.env");
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    await Deno.writeTextFile(envFile, `# Settings of the service\n${lines.join("")}`);
    await using program = startProgram(["run", "--env-file", envFile]);
    await program.line(/Change stream opened/);
    await writer.insert(["orders"], 5);
    await program.line(/Batch stored/);
    const scheme = more.HTTP_TLS_CERT === undefined ? "http" : "https";
    const url = `${scheme}://${address}`;
    await use({ envFile, stream: `database:${writer.database}`, url, program });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("verbs find the instance on this machine by the settings of its service", async () => {
  await withService({ HTTP_TOKEN: TOKEN }, async ({ envFile, stream, url, program }) => {
    const verb = (...words: string[]) => runProgram([...words, "--env-file", envFile]);
    const status = await verb("status");
    assert.deepEqual([status.code, status.stderr], [0, ""]);
    assert.match(
      status.stdout,
      new RegExp(`^${stream} is read and in the lake, \\d+s behind\\.$`, "m"),
    );
    assert.match(status.stdout, new RegExp(`^${stream} +running +\\d+s +\\S+.* \\S+$`, "m"));
    const { streams: [row] } = JSON.parse((await verb("status", "--json")).stdout);
    assert(row.lakeLagSeconds < 60 && row.events === 5, JSON.stringify(row));
    const locks = await verb("lock", "show");
    assert.match(locks.stdout, new RegExp(`^${stream} +\\S+ +\\d+ +- +- +\\S+$`, "m"));
    const pause = await verb("pause", stream);
    assert.deepEqual([pause.code, pause.stdout], [0, `${stream} is paused`]);
    await program.line(/Stream drained/);
    assert.match((await verb("status")).stdout, / is paused since \S+\.$/m);
    assert.equal((await verb("resume", stream)).code, 0);
    // Whoever has no token is told what is missing.
    const without = await runProgram(["status", "--url", url]);
    assert.equal(without.code, 2);
    assert.match(without.stderr, /wants its token: set HTTP_TOKEN/);
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
    const gone = await verb("status");
    assert.equal(gone.code, 0);
    assert.match(gone.stderr, /^Cannot reach an instance at http:\S+: /);
    assert.match(
      gone.stdout,
      /^1 stream with saved progress is held up: No instance answers at http:\S+; /,
    );
  });
});

Deno.test("status trusts the certificate that the settings name, and says what to set where none is", async () => {
  const chain = await Deno.makeTempFile();
  const [server, authority] = await Promise.all(
    CERTIFICATES.map((path) => Deno.readTextFile(path)),
  );
  await Deno.writeTextFile(chain, `${server}${authority}`);
  const tls = { HTTP_TLS_CERT: chain, HTTP_TLS_KEY: CERTIFICATES[0]!, HTTP_TOKEN: TOKEN };
  await withService(tls, async ({ envFile, url }) => {
    const status = await runProgram(["status", "--env-file", envFile]);
    assert.deepEqual([status.code, status.stderr], [0, ""]);
    assert.match(status.stdout, / is read and in the lake/);
    const stranger = await runProgram(["status", "--url", url], { env: { HTTP_TOKEN: TOKEN } });
    assert.equal(stranger.code, 1);
    assert.match(stranger.stderr, /\nSet HTTP_TLS_CERT to the certificate that it shows/);
    const plain = await runProgram(["status", "--url", url.replace("https", "http")]);
    assert.equal(plain.code, 1);
    assert.match(plain.stderr, /is another program, or speaks https|is no instance/);
  });
  await Deno.remove(chain);
});

Deno.test("keys for S3 may be in the file with the settings", async () => {
  const bucket = uniqueName("envfile");
  await ensureBucket(bucket);
  await withService(s3Settings(bucket, "lake"), async ({ envFile }) => {
    const verify = await runProgram(["verify", "--env-file", envFile]);
    assert.equal(verify.code, 0, verify.stderr);
    const without = await runProgram(["verify", "--destination", `s3://${bucket}/lake`], {
      env: { AWS_EC2_METADATA_DISABLED: "true", AWS_REGION: "us-east-1" },
    });
    assert.equal(without.code, 3);
  });
});

Deno.test("run on a terminal writes times of day, levels in colour and positions for people", async () => {
  await using writer = createMongoWriter(uniqueName("terminal"));
  const lake = await Deno.makeTempDir();
  try {
    const env = { ...streamingSettings(writer.database), DESTINATION: `file://${lake}` };
    const run = `${Deno.env.get("TRIBUTARY_BIN")} run`;
    const line = (more: Record<string, string>) =>
      startProgram([run], {
        // A terminal of its own for the program; what it writes there comes here.
        executable: fileURLToPath(new URL("../support/on_terminal.py", import.meta.url)),
        env: { ...env, TERM: "xterm", ...more },
      });
    await using coloured = line({});
    const opened = await coloured.line(/Change stream opened/);
    assert(
      /\[2m\d\d:\d\d:\d\dZ.\[0m .\[32minfo .\[0m Change stream opened/.test(opened),
      JSON.stringify(opened),
    );
    assert.match(opened, / position=20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ/);
    assert.doesNotMatch(opened, /\d{10}\.\d|instance=|pipeline=/);
    await using plain = line({ NO_COLOR: "1", DESTINATION: `file://${lake}/other` });
    assert.match(
      await plain.line(/Change stream opened/),
      /^\d\d:\d\d:\d\dZ info {2}Change stream/,
    );
    for (const program of [coloured, plain]) {
      program.kill("SIGTERM");
      assert.equal((await program.ended).code, 0);
    }
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
});
