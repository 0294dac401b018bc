import assert from "node:assert/strict";
import { placeJson, placeText, timeText } from "../../../src/cli/place.ts";

const OPERATION = { t: 1795194000, i: 12 };

Deno.test("placeText and timeText tell times for people", () => {
  assert.equal(timeText(1_700_000_000), "2023-11-14T22:13:20Z");
  assert.equal(
    placeText({ operationTime: OPERATION, data: "82" }),
    `${timeText(OPERATION.t)} (1795194000.12)`,
  );
});

Deno.test("placeJson has the token where there is one", () => {
  const place = { time: timeText(OPERATION.t), operationTime: "1795194000.12" };
  assert.deepEqual(placeJson({ operationTime: OPERATION, data: "" }), place);
  assert.deepEqual(placeJson({ operationTime: OPERATION, data: "82AB" }), {
    ...place,
    token: "82AB",
  });
});
