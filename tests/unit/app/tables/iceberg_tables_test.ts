import { assertFormat } from "./assert_format.ts";

Deno.test("a table of Iceberg is made, told and dropped, and its objects stay", async () => {
  await assertFormat("iceberg");
});
