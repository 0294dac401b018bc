import assert from "node:assert/strict";
import { FLEET_COMMANDS, rehearseFleet } from "../../../../src/coordinate/redis/redis_rehearsal.ts";
import { fakeCaller } from "../fake_caller.ts";

Deno.test("rehearseFleet says every command of the access list, and no other, and names its keys below the prefix", async () => {
  const caller = fakeCaller();
  await rehearseFleet(caller, "{tributary:shop}", "check-1");
  const inScripts = caller.calls.filter(([command]) => command === "EVAL")
    .flatMap(([, script]) =>
      [...String(script).matchAll(/call\('(\w+)'/g)].map(([, name]) => name!)
    );
  const alone = caller.calls.map(([command]) => String(command));
  const sorted = (names: readonly string[]) =>
    [...new Set(names.map((name) => name.toLowerCase()))].sort();
  assert.deepEqual(sorted(alone), [...FLEET_COMMANDS].sort());
  for (const name of sorted(inScripts)) assert(FLEET_COMMANDS.includes(name), name);
  // A script's refusal need not name the command.
  const first = alone.indexOf("EVAL");
  for (const name of sorted(inScripts)) assert(sorted(alone.slice(0, first)).includes(name), name);
});

Deno.test("rehearseFleet adds nothing to what others read", async () => {
  const caller = fakeCaller();
  await rehearseFleet(caller, "{p}", "check-1");
  const shared = ["{p}:locks", "{p}:members", "{p}:paused", "{p}:flushes"];
  for (const [command, ...args] of caller.calls) {
    const isShared = args.some((arg) => shared.includes(String(arg)));
    if (isShared) assert(["SMEMBERS", "SREM"].includes(String(command)), String(command));
  }
  assert.deepEqual(caller.calls.at(-1)?.[0], "DEL");
});
