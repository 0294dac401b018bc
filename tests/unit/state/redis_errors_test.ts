import assert from "node:assert/strict";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";
import { asRedisError } from "../../../src/state/redis_errors.ts";

Deno.test("asRedisError tells what passes from what stays", () => {
  const passing = [
    connectionError("connect ECONNREFUSED 127.0.0.1:6379"),
    replyError("LOADING Redis is loading the dataset in memory"),
    replyError("READONLY You can't write against a read only replica."),
    replyError("CLUSTERDOWN The cluster is down"),
    replyError("OOM command not allowed when used memory > 'maxmemory'."),
    replyError("ERR max number of clients reached"),
    "thrown text",
  ];
  const staying = [
    replyError("NOAUTH Authentication required."),
    replyError("WRONGPASS invalid username-password pair or user is disabled."),
    replyError("NOPERM this user has no permissions to run the 'eval' command"),
    replyError("WRONGTYPE Operation against a key holding the wrong kind of value"),
    replyError("ERR unknown command"),
  ];
  for (const each of passing) assert(asRedisError("do", each, []) instanceof TransientError);
  for (const each of staying) assert(asRedisError("do", each, []) instanceof PermanentError);
});

Deno.test("asRedisError says action and reason, without secrets and without a cause", () => {
  const raw = Object.assign(replyError("ERR bad word hunter2, hunter2"), {
    command: { name: "AUTH", args: ["hunter2"] },
  });
  const error = asRedisError("call AUTH on redis://cache:6379", raw, ["hunter2", ""]);
  assert.equal(error.message, "Cannot call AUTH on redis://cache:6379: ERR bad word ***, ***");
  assert.equal(error.cause, undefined);
});

Deno.test("asRedisError leaves our own errors as they are", () => {
  for (const own of [new TransientError("t"), new PermanentError("p")]) {
    assert.equal(asRedisError("do", own, []), own);
  }
});

function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: "ReplyError" });
}

function connectionError(message: string): Error {
  return Object.assign(new Error(message), { code: "ECONNREFUSED" });
}
