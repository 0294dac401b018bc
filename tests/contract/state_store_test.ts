import { createMemoryState } from "../../src/state/memory_state.ts";
import { testStateStoreContract } from "./state_store_contract.ts";

testStateStoreContract("memory state", () =>
  Promise.resolve({
    store: createMemoryState(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }));
