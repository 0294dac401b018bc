import assert from "node:assert/strict";
import { nothingFound } from "../../../../src/cli/text/nothing_found.ts";

Deno.test("nothingFound says where was looked, and what to do next", () => {
  const lake = { scheme: "s3", bucket: "lake", prefix: "raw" } as const;
  assert.match(nothingFound(lake, undefined, "tributary x"), /no journal below s3:\/\/lake\/raw\//);
  assert.equal(
    nothingFound(lake, "shop.orders", "tributary x"),
    "tributary: There is no shop.orders below s3://lake/raw; `tributary x` lists those that are there\n",
  );
});
