import assert from "node:assert/strict";
import { PermanentError } from "../../../src/model/errors.ts";
import { checkState, decodeState, encodeState } from "../../../src/state/state_shape.ts";
import { state } from "../../contract/state_store_contract.ts";

Deno.test("decodeState gives back what encodeState was given", () => {
  const whole = {
    ...state(3),
    position: {
      operationTime: { t: 1, i: 2 },
      data: "82AB",
      typeBits: "gA==",
      invalidate: true,
    } as const,
  };
  for (const each of [state(3), whole]) assert.deepEqual(decodeState(encodeState(each), "x"), each);
});

Deno.test("encodeState refuses a state that decodeState would not read", () => {
  assert.throws(() => encodeState({ ...state(3), seq: -1 }), TypeError);
});

Deno.test("checkState leaves out what a newer program has added", () => {
  assert.deepEqual(checkState({ ...state(3), mood: "good" }, "x"), state(3));
});

Deno.test("checkState names place and field of what is wrong", () => {
  for (const bad of [null, "text", { ...state(3), bytes: 0.5 }, { ...state(3), owner: 7 }]) {
    assert.throws(() => checkState(bad, "the place"), (error) => {
      assert(error instanceof PermanentError);
      assert.match(
        error.message,
        /^Cannot read the state "the place": field "(stream|bytes|owner)"/,
      );
      return true;
    });
  }
});
