import type { Instance } from "./lake_world.ts";

/** Runs until the record with this seq is appended, and kills the copy before any of that record's objects is put. */
export async function crashAfterRecord(one: Instance, seq: number): Promise<void> {
  const key = `/${String(seq).padStart(16, "0")}.json`;
  one.outside.plan = ({ method, args }) =>
    method === "putIfAbsent" && String(args[0]).endsWith(key)
      ? { kind: "crash", when: "after" }
      : undefined;
  void one.run();
  await one.world.clock.until(() => one.outside.isKilled);
}
