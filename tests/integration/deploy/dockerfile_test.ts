import assert from "node:assert/strict";
import { VARIABLES } from "../../../src/config/table/schema.ts";
import { VERBS } from "../../../src/cli/verbs.ts";
import { ROOT } from "../../support/tidy/source_file.ts";

const LINES = Deno.readTextFileSync(`${ROOT}Dockerfile`).split("\n");

function instructions(name: string): string[] {
  return LINES.filter((line) => line.startsWith(`${name} `)).map((line) =>
    line.slice(name.length + 1)
  );
}

Deno.test("Dockerfile copies files that are there and that .dockerignore lets through", () => {
  const ignore = Deno.readTextFileSync(`${ROOT}.dockerignore`).split("\n");
  assert.equal(ignore[0], "*");
  for (const copy of instructions("COPY")) {
    if (copy.startsWith("--from")) continue;
    for (const path of copy.split(/\s+/).slice(0, -1)) {
      Deno.statSync(ROOT + path);
      assert(ignore.includes(`!${path}`), `${path} is ignored`);
    }
  }
});

Deno.test("Dockerfile sets variables that are settings, and calls verbs that there are", () => {
  for (const line of instructions("ENV")) assert(VARIABLES.has(line.split("=")[0]!), line);
  const names = VERBS.map(({ name }) => name);
  const [last] = instructions("CMD");
  assert(names.includes(JSON.parse(last!)[0]), last);
  const health = LINES.find((line) => line.startsWith("HEALTHCHECK"));
  assert(names.includes(/"([a-z]+)"\]$/.exec(health!)![1]!), health);
});

Deno.test("Dockerfile builds with the Deno that the project pins, and ends with an unprivileged user", () => {
  const version = /^version=(.*)$/m.exec(Deno.readTextFileSync(`${ROOT}.ci/run`))![1];
  assert(instructions("FROM")[0]!.startsWith(`denoland/deno:${version} `));
  assert.match(instructions("FROM")[1]!, /nonroot$/);
  assert.deepEqual(instructions("USER"), ["nonroot"]);
});
