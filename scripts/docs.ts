/** Writes the pages of `docs/` that are made from the sources. */
import { fileURLToPath } from "node:url";
import { configurationPage } from "../src/config/show/reference.ts";

await Deno.writeTextFile(
  fileURLToPath(new URL("../docs/configuration.md", import.meta.url)),
  configurationPage(),
);
