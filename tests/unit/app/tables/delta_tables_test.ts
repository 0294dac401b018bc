import { assertFormat } from "./assert_format.ts";

Deno.test("a table of Delta is made, told and dropped, and its objects stay", async () => {
  await assertFormat("delta");
});
