import assert from "node:assert/strict";
import { EnvFileInUse } from "../../../src/cli/env_file.ts";
import { fakeHost, runFake } from "../../support/fake_host.ts";

const FILE = "/etc/tributary.env";

function inUse(text: string, env: Readonly<Record<string, string>> = {}) {
  const files = new Map([[FILE, text]]);
  const { host } = fakeHost({ env, files });
  return { host, files, file: new EnvFileInUse(FILE, host) };
}

Deno.test("variables of the file become the process's; those it has been given stay, set to nothing too", () => {
  const { host, file } = inUse("A=file\nB=file\nAWS_ACCESS_KEY_ID=key\n", { A: "own", B: "" });
  const { placeOf } = file.read();
  assert.deepEqual(["A", "B", "AWS_ACCESS_KEY_ID"].map(host.env), ["own", "", "key"]);
  assert.deepEqual([placeOf("A"), placeOf("AWS_ACCESS_KEY_ID")], [undefined, `${FILE}:3`]);
});

Deno.test("a variable of the file that an empty one of the environment overrules is named", async () => {
  const files = new Map([[
    FILE,
    "MONGODB_URI=mongodb://h/\nDESTINATION=s3://lake\nBATCH_SIZE=7\n",
  ]]);
  const line = `config show --env-file ${FILE}`;
  const shown = await runFake(line, { files, env: { BATCH_SIZE: "" } });
  const why = (name: string, at: number) =>
    `${name} is set to nothing in the environment, which overrules ${FILE}:${at}: unset it there`;
  assert.equal(shown.stderr, `${why("BATCH_SIZE", 3)}\n`);
  const refused = await runFake(line, { files, env: { MONGODB_URI: "" } });
  assert.equal(refused.code, 2);
  assert(
    refused.stderr.includes(`It is required.\n    ${why("MONGODB_URI", 1)}.\n`),
    refused.stderr,
  );
  // Nothing is overruled where a secret comes by its own file, or the file says nothing either.
  const env = { MONGODB_URI: "", MONGODB_URI_FILE: "/uri" };
  const own = new Map([...files, ["/uri", "mongodb://h/"]]);
  assert.equal((await runFake(line, { files: own, env })).stderr, "");
});

Deno.test("a secret that was given as its file, or as itself, is not given once more by the file", () => {
  const { host, file } = inUse("MONGODB_URI=mongodb://file/\nREDIS_URL_FILE=/x\n", {
    MONGODB_URI_FILE: "/run/uri",
    REDIS_URL: "redis://own",
  });
  file.read();
  assert.deepEqual([host.env("MONGODB_URI"), host.env("REDIS_URL_FILE")], [undefined, undefined]);
});

Deno.test("what the file holds is read anew, and goes with it", () => {
  const { host, files, file } = inUse("A=1\nB=1\n");
  file.read();
  files.set(FILE, "A=2\n");
  file.read();
  assert.deepEqual([host.env("A"), host.env("B")], ["2", undefined]);
});

Deno.test("--env-file gives a verb the settings of a unit, and flags and the environment win", async () => {
  const text = [
    'MONGODB_URI="mongodb://h/?replicaSet=rs0&tls=true"',
    "DESTINATION=s3://lake/raw",
    "BATCH_SIZE=7",
    "ENCODERS=1",
    "FORMAT=csv",
  ].join("\n");
  const line = `config show --json --env-file ${FILE} --encoders 2`;
  const { stdout, stderr } = await runFake(line, {
    files: new Map([[FILE, text]]),
    env: { FORMAT: "avro" },
  });
  assert.equal(stderr, "");
  const shown = new Map(
    JSON.parse(stdout).map((each: { name: string; value: string; origin: string }) =>
      [each.name, [each.value, each.origin]] as const
    ),
  );
  assert.deepEqual(shown.get("BATCH_SIZE"), ["7", `environment BATCH_SIZE (${FILE}:3)`]);
  assert.deepEqual(shown.get("FORMAT"), ["avro", "environment FORMAT"]);
  assert.deepEqual(shown.get("ENCODERS"), ["2", "flag --encoders"]);
  assert.match(String(shown.get("MONGODB_URI")), /^mongodb:\/\/h\/\?replicaSet=rs0&tls=true,/);
});

Deno.test("faults in the file name its line; one that is not there is the only fault", async () => {
  const files = new Map([[FILE, "DESTINATION=s3://lake/raw\nnonsense\nBATCH_SIZE=x\n"]]);
  const wrong = await runFake(`check --env-file ${FILE}`, { files });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^ {2}\/etc\/tributary\.env:2\n {4}The line is no NAME=value/m);
  assert.match(wrong.stderr, /^ {2}\/etc\/tributary\.env:3: BATCH_SIZE = "x"\n/m);
  const gone = await runFake("check --env-file /gone");
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /^1 fault .*\n\n {2}--env-file = "\/gone"\n {4}Cannot read/);
});

Deno.test("files of settings may be named before the verb, too", async () => {
  const files = new Map([[FILE, "DESTINATION=s3://lake/raw\nMONGODB_URI=mongodb://h/\n"], [
    "t.yaml",
    "batchSize: 7\n",
  ]]);
  for (const line of [`--env-file ${FILE} --config=t.yaml`, `--config t.yaml --env-file=${FILE}`]) {
    const { code, stdout, stderr } = await runFake(`${line} config show`, { files });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^BATCH_SIZE +7 +file t\.yaml/m);
    assert.match(stdout, /^DESTINATION +s3:\/\/lake\/raw +environment DESTINATION \(/m);
  }
  const { code } = await runFake(`--env-file ${FILE}`, { files });
  assert.equal(code, 2);
});
