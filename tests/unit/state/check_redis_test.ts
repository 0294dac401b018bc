import assert from "node:assert/strict";
import { PermanentError } from "../../../src/model/errors.ts";
import { checkRedis } from "../../../src/state/check_redis.ts";

Deno.test("checkRedis asks for an answer and for a script", async () => {
  const sent: string[] = [];
  const findings = await checkRedis(connection((command) => {
    sent.push(command);
    return Promise.resolve("PONG");
  }));
  assert.deepEqual(sent, ["PING", "EVAL"]);
  assert.deepEqual(findings, [{
    subject: "Redis",
    state: "ok",
    text: "redis://cache:6379/0 answers and runs scripts",
  }]);
});

Deno.test("checkRedis fails where scripts are not allowed", async () => {
  const error = new PermanentError("Cannot call EVAL on redis://cache:6379/0: NOPERM");
  const refusing = connection((command) =>
    command === "EVAL" ? Promise.reject(error) : Promise.resolve("PONG")
  );
  await assert.rejects(checkRedis(refusing), error);
});

function connection(call: (command: string) => Promise<unknown>) {
  return { call, description: "redis://cache:6379/0", close: () => Promise.resolve() };
}
