import assert from "node:assert/strict";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";
import { asRedisError, isReplicaReply } from "../../../src/state/redis_errors.ts";

Deno.test("asRedisError tells what passes from what stays", () => {
  const passing = [
    connectionError("connect ECONNREFUSED 127.0.0.1:6379"),
    replyError("LOADING Redis is loading the dataset in memory"),
    replyError("READONLY You can't write against a read only replica."),
    replyError("CLUSTERDOWN The cluster is down"),
    replyError("OOM command not allowed when used memory > 'maxmemory'."),
    replyError("ERR max number of clients reached"),
    ...CODES.map((code) => replyError(`${code} a reason`)),
    ...CODES.map((code) => replyError(inOldScript(`-${code} a reason`))),
    ...CODES.map((code) => replyError(`${code} a reason script: 82cdd, on @user_script:1.`)),
    "thrown text",
  ];
  const staying = [
    replyError("NOAUTH Authentication required."),
    replyError("WRONGPASS invalid username-password pair or user is disabled."),
    replyError("NOPERM this user has no permissions to run the 'eval' command"),
    replyError("WRONGTYPE Operation against a key holding the wrong kind of value"),
    replyError("ERR unknown command"),
    replyError("ERR unknown command `READONLY`, with args beginning with: `OOM` "),
    replyError("ERR Error running script with OOM in its text"),
    replyError(inOldScript("The user executing the script can't run this command or subcommand")),
    replyError(inOldScript("WRONGTYPE Operation against a key holding the wrong kind of value")),
    replyError("WRONGTYPE a key named -READONLY b"),
  ];
  for (const each of passing) assert(asRedisError("do", each, []) instanceof TransientError);
  for (const each of staying) assert(asRedisError("do", each, []) instanceof PermanentError);
});

Deno.test("isReplicaReply knows a replica by its answer, in a script of 6 and of 7 too", () => {
  const refusal = "READONLY You can't write against a read only replica.";
  for (
    const reply of [
      refusal,
      inOldScript(`-${refusal}`),
      "ERR Error running script (call to f_82cdd): @user_script: 1: -READONLY You can't write",
      `${refusal} script: 82cdd, on @user_script:1.`,
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
      "UNBLOCKED force unblock from blocking operation, instance state changed",
    ]
  ) assert(isReplicaReply(reply), reply);
  for (const reply of ["OOM command not allowed", "ERR READONLY", "READONLYX no", ""]) {
    assert(!isReplicaReply(reply), reply);
  }
});

Deno.test("asRedisError says action and reason, without secrets and without a cause", () => {
  const raw = Object.assign(replyError("ERR bad word hunter2, hunter2"), {
    command: { name: "AUTH", args: ["hunter2"] },
  });
  const error = asRedisError("call AUTH on redis://cache:6379", raw, ["hunter2", ""]);
  assert.equal(error.message, "Cannot call AUTH on redis://cache:6379: ERR bad word ***, ***");
  assert.equal(error.cause, undefined);
});

Deno.test("asRedisError says in plain words what the client says in its own", () => {
  const words = [
    ["Stream isn't writeable and enableOfflineQueue options is false", "there is no connection"],
    ["Cluster isn't ready and enableOfflineQueue options is false", "there is no connection"],
    ["Connection is closed.", "the connection is closed"],
    ["Socket timeout. Expecting data, but didn't receive any in 5000ms.", "no answer in time"],
    ["Command timed out", "no answer in time"],
    [
      'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option.',
      "the connection broke before the answer",
    ],
    ["None of startup nodes is available", "no node of the cluster can be reached"],
    ["Failed to refresh slots cache.", "no node of the cluster can be reached"],
    ["Cluster is disconnected.", "no node of the cluster can be reached"],
    ["connect ECONNREFUSED 127.0.0.1:1", "connect ECONNREFUSED 127.0.0.1:1"],
  ];
  for (const [raw, plain] of words) {
    assert.equal(asRedisError("do", new Error(raw), []).message, `Cannot do: ${plain}`);
  }
});

Deno.test("asRedisError leaves our own errors as they are", () => {
  for (const own of [new TransientError("t"), new PermanentError("p")]) {
    assert.equal(asRedisError("do", own, []), own);
  }
});

/** What passes by itself, in a command of its own, in a script up to 6.2, and in one since 7. */
const CODES = [
  ...["READONLY", "OOM", "MISCONF", "NOREPLICAS", "LOADING", "MASTERDOWN", "CLUSTERDOWN"],
  ...["TRYAGAIN", "UNBLOCKED"],
];

function inOldScript(text: string): string {
  return `ERR Error running script (call to f_82cdd): @user_script:12: @user_script: 12: ${text}`;
}

function replyError(message: string): Error {
  return Object.assign(new Error(message), { name: "ReplyError" });
}

function connectionError(message: string): Error {
  return Object.assign(new Error(message), { code: "ECONNREFUSED" });
}
