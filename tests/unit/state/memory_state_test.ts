import assert from "node:assert/strict";
import { createMemoryState } from "../../../src/state/memory_state.ts";
import { state } from "../../contract/state_store_contract.ts";

Deno.test("createMemoryState gives out a list that is not its own", async () => {
  const store = createMemoryState();
  await store.save("deployment", state(1));
  (await store.list()).clear();
  assert.equal((await store.list()).size, 1);
});
