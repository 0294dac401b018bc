import assert from "node:assert/strict";
import { placeJson, placeText } from "../../../src/cli/place.ts";

const OPERATION = { t: 1795194000, i: 12 };

const TIME = "2026-11-20T17:00:00Z";

Deno.test("placeText tells the time for people", () => {
  assert.equal(placeText({ operationTime: OPERATION, data: "82" }), `${TIME} (1795194000.12)`);
});

Deno.test("placeJson has the token where there is one", () => {
  const place = { time: TIME, operationTime: "1795194000.12" };
  assert.deepEqual(placeJson({ operationTime: OPERATION, data: "" }), place);
  assert.deepEqual(placeJson({ operationTime: OPERATION, data: "82AB" }), {
    ...place,
    token: "82AB",
  });
});
