import assert from "node:assert/strict";
import { plainReason, steadyReason } from "../../../../src/observe/status/plain_reason.ts";

Deno.test("plainReason leaves out which call it was, and keeps where it went", () => {
  const call = (command: string, rest: string) =>
    plainReason(`Cannot call ${command} on redis://cache:6379: ${rest}`);
  assert.equal(
    call("PING", "connect ECONNREFUSED 10.0.0.1:6379"),
    "connect ECONNREFUSED 10.0.0.1:6379",
  );
  assert.equal(call("EVAL", "no answer within 5s"), "no answer within 5s (redis://cache:6379)");
  assert.equal(call("EVAL", "no answer within 5s"), call("PING", "no answer within 5s"));
  assert.equal(plainReason("Cannot write a: full"), "Cannot write a: full");
});

Deno.test("steadyReason keeps what says more", () => {
  const refused = "connect ECONNREFUSED 10.0.0.1:6379";
  for (
    const vague of ["no answer within 5s", "the connection is closed", "connection 3 to h:1 closed"]
  ) {
    assert.equal(steadyReason(refused, vague), refused);
    assert.equal(steadyReason(vague, refused), refused);
    assert.equal(steadyReason(undefined, vague), vague);
    assert.equal(steadyReason("there is no connection", vague), "there is no connection");
  }
  assert.equal(steadyReason(refused, "READONLY a replica"), "READONLY a replica");
  assert.equal(steadyReason(refused, undefined), undefined);
});
