import assert from "node:assert/strict";
import { judgeObject, type NamedObject } from "../../../../src/journal/verify/verify_object.ts";
import { PermanentError } from "../../../../src/model/errors.ts";
import type { VerifyOptions } from "../../../../src/journal/verify/verify_options.ts";
import type { StoredObject } from "../../../../src/pipeline/ports.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const NAMED: NamedObject = {
  key: "a.parquet",
  seq: 1,
  bytes: 100,
  rows: 4,
  kind: "object",
  version: 1,
  isUnfinished: false,
  from: { operationTime: { t: 10, i: 1 }, data: "" },
  to: { operationTime: { t: 20, i: 1 }, data: "" },
};

Deno.test("judgeObject waits a moment for an object that a writer may be about to bring", async () => {
  const clock = new VirtualClock();
  let heads = 0;
  const head = () => Promise.resolve(++heads < 4 ? undefined : { bytes: 100 });
  const unfinished = { ...NAMED, isUnfinished: true };
  const options = optionsOf({ head, clock });
  assert.equal(await clock.finish(judgeObject(options, unfinished)), "whole");
  const never = optionsOf({ head: () => Promise.resolve(undefined), clock });
  assert.deepEqual(await clock.finish(judgeObject(never, unfinished)), {
    fault: "not stored yet; the next run of the pipeline makes it",
    isMissing: true,
  });
  assert.deepEqual(await judgeObject(never, NAMED), {
    fault: "the object is missing",
    isMissing: true,
  });
});

Deno.test("judgeObject looks at nothing where only names are wanted", async () => {
  const options = optionsOf({ head: () => Promise.reject(new Error("it was asked for")) });
  assert.equal(await judgeObject({ ...options, depth: "named" }, NAMED), "whole");
});

Deno.test("judgeObject names an object that can never be read, and lets pass what may be read later", async () => {
  const head = () => Promise.resolve({ bytes: 100 });
  const archived = () => Promise.reject(new PermanentError("it is in an archive"));
  const verdict = await judgeObject(optionsOf({ head, inspect: archived }), NAMED);
  assert.deepEqual(verdict, { fault: "it is in an archive" });
  const down = () => Promise.reject(new Error("down"));
  await assert.rejects(judgeObject(optionsOf({ head, inspect: down }), NAMED), /down/);
});

Deno.test("judgeObject finds another object with as many rows by the times of its events", async () => {
  const head = () => Promise.resolve({ bytes: 99 });
  const judge = (firstMs: number, lastMs: number) =>
    judgeObject(
      optionsOf({ head, inspect: () => Promise.resolve({ rows: 4, times: { firstMs, lastMs } }) }),
      NAMED,
    );
  assert.equal(await judge(10_000, 20_999), "remade");
  assert.deepEqual(await judge(9_999, 15_000), {
    fault:
      "its events, of 1970-01-01T00:00:09.999Z to 1970-01-01T00:00:15.000Z, are not those of its " +
      "record, of 1970-01-01T00:00:10.000Z to 1970-01-01T00:00:20.000Z",
  });
  assert.match(JSON.stringify(await judge(15_000, 21_000)), /its events, of /);
});

function optionsOf(parts: {
  readonly head: () => Promise<StoredObject | undefined>;
  readonly inspect?: VerifyOptions["inspect"];
  readonly clock?: VirtualClock;
}): VerifyOptions {
  const absent = () => Promise.reject(new Error("not expected"));
  return {
    journal: { streams: absent },
    lake: { head: absent, get: absent, list: absent, listFolders: absent },
    destination: { head: parts.head, get: absent, list: absent },
    inspect: parts.inspect ?? (() => Promise.resolve({ rows: 4 })),
    clock: parts.clock ?? new VirtualClock(),
  };
}
