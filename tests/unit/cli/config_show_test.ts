import assert from "node:assert/strict";
import { runProgram } from "../../../src/cli/program.ts";
import { GROUPS, VERBS } from "../../../src/cli/verbs.ts";
import { fakeHost, runFake } from "../../support/fake_host.ts";

const ENV = { MONGODB_URI: "mongodb://ann:hunter22@h/", DESTINATION: "s3://lake" };

Deno.test("configShow prints a line for each setting, without secrets", async () => {
  const { code, stdout } = await runFake("config show --format csv", { env: ENV });
  assert.equal(code, 0);
  assert.match(stdout, /^MONGODB_URI +mongodb:\/\/\*\*\*@h\/ +environment MONGODB_URI$/m);
  assert.match(stdout, /^FORMAT +csv +flag --format$/m);
  assert.match(stdout, /^AWS_REGION +- +default$/m);
  assert.doesNotMatch(stdout, /hunter22/);
});

Deno.test("configShow prints JSON", async () => {
  const { stdout } = await runFake("config show --json", { env: ENV });
  const settings = JSON.parse(stdout) as { name: string }[];
  assert.deepEqual(settings.find(({ name }) => name === "ENCODERS"), {
    name: "ENCODERS",
    value: "3",
    origin: "derived",
  });
});

Deno.test("configShow lists all faults on standard error and ends with 2", async () => {
  const { code, stdout, stderr } = await runFake("config show --format xml");
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^3 faults in the configuration:/);
});

Deno.test("configShow says on standard error which variables do nothing here", async () => {
  const { code, stderr } = await runFake("config show --json", {
    env: { ...ENV, RUST_LOG: "debug", SERVER_PORT: "8081", HTTP_ADDRESS: ":8081" },
  });
  assert.deepEqual([code, stderr], [
    0,
    "RUST_LOG does nothing here: set LOG_LEVEL to debug, info, warn or error\n",
  ]);
});

Deno.test("configShow lets long values go on below themselves on a terminal, and never in a pipe", async () => {
  const collections = Array.from({ length: 12 }, (_, i) => `collection_${i}`).join(",");
  const env = { ...ENV, MONGODB_DATABASE: "shop", MONGODB_COLLECTIONS: collections };
  const { host, stdout } = fakeHost({ env, args: ["config", "show"] });
  const terminal = { ...host.stdout, isTerminal: true, columns: 80 };
  await runProgram({ ...host, stdout: terminal }, VERBS, GROUPS);
  const lines = stdout.join("").split("\n");
  for (const line of lines) assert(line.length <= 80, line);
  const first = lines.findIndex((line) => line.startsWith("MONGODB_COLLECTIONS"));
  const value = lines[first]!.indexOf("collection_0");
  assert(value > 0);
  const end = lines.findIndex((line) => line.trim() === "environment MONGODB_COLLECTIONS");
  const pieces = lines.slice(first, end).map((line) => line.slice(value));
  assert.equal(pieces.join(""), collections);
  const piped = await runFake("config show", { env });
  assert.match(
    piped.stdout,
    /^MONGODB_COLLECTIONS +collection_0,.*_11 {2}environment MONGODB_COLL/m,
  );
});
