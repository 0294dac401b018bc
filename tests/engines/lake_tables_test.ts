/** Tables of both formats that no catalog knows, read by the engines that the standard tests leave out. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../scripts/services/run_command.ts";
import { pythonWith } from "../support/python_environment.ts";
import { openEngineLake } from "./engine_lake.ts";
import { readerOptions } from "./reader_options.ts";

const PACKAGES = [
  "chdb==4.4.0",
  "chdb-core==26.9.0",
  "deltalake==1.6.6",
  "polars==2.1.0",
  "pyiceberg[pyarrow]==0.12.0",
];
const SCRIPT = fileURLToPath(new URL("./read_lake.py", import.meta.url));

Deno.test("Polars and ClickHouse read whole tables of both formats, and leave out other times", async () => {
  const python = await pythonWith("more-engines", PACKAGES);
  await using lake = await openEngineLake({ TABLES: "delta,iceberg" });
  for (const rows of [40, 80]) {
    await lake.write(40);
    assert.deepEqual(await lake.build(), []);
    for (const engine of ["polars", "clickhouse"]) {
      for (const format of ["delta", "iceberg"]) {
        const address = `${lake.url}/db=shop/coll=orders`;
        const args = [SCRIPT, engine, format, address, JSON.stringify(readerOptions())];
        const counts = JSON.parse(await runCommand(python, args));
        assert.deepEqual(counts, [rows, rows, 0], `${engine}, ${format}`);
      }
    }
  }
});
