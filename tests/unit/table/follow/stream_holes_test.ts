import assert from "node:assert/strict";
import {
  holesFor,
  NO_STREAM_HOLES,
  withElsewhere,
  withHoles,
} from "../../../../src/table/follow/stream_holes.ts";
import { NO_HOLES } from "../../../../src/table/table_log.ts";

Deno.test("a gap is of all collections of a stream, and an object elsewhere of its own", () => {
  const gap = withHoles(NO_STREAM_HOLES, { ...NO_HOLES, gaps: 1 });
  const holes = withElsewhere(withElsewhere(gap, "shop.a/b", 2), "shop.a/b", 1);
  assert.deepEqual(holesFor(holes, "shop.a/b"), { ...NO_HOLES, gaps: 1, objectsElsewhere: 3 });
  assert.deepEqual(holesFor(holes, "shop.orders"), { ...NO_HOLES, gaps: 1 });
});
