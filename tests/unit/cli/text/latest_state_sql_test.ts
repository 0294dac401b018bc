import assert from "node:assert/strict";
import {
  latestStateSql,
  SQL_DIALECTS,
  type SqlTarget,
} from "../../../../src/cli/text/latest_state_sql.ts";

const TARGET: SqlTarget = {
  ...{ url: "s3://lake/shop", format: "parquet", extension: ".parquet" },
  ...{ database: "shop", collection: "o'rders" },
};

Deno.test("latestStateSql() names the lake, the database and the collection, in quotes that hold", () => {
  const sql = latestStateSql("duckdb", TARGET);
  assert.match(sql, /FROM read_parquet\('s3:\/\/lake\/shop\/\*\*\/\*\.parquet', /);
  assert.match(sql, /WHERE database = 'shop' AND collection = 'o''rders'/);
  const folder = latestStateSql("duckdb", {
    ...TARGET,
    ...{ url: "file:///data/lake", format: "jsonl", extension: ".jsonl.zst" },
  });
  assert.match(folder, /read_json\('\/data\/lake\/\*\*\/\*\.jsonl\.zst', /);
});

Deno.test("latestStateSql() is one rule in all dialects", () => {
  for (const dialect of SQL_DIALECTS) {
    const sql = latestStateSql(dialect, TARGET);
    assert.match(sql, /operation IN \('snapshot', 'insert', 'update', 'replace', 'delete'\)/);
    assert.match(sql, /newest = 1 AND operation <> 'delete' AND resume_token > token;\n$/);
  }
  assert.match(latestStateSql("spark", TARGET), /FROM parquet\.`s3a:\/\/lake\/shop\/`/);
  assert.match(latestStateSql("trino", TARGET), /^-- lake_events stands for your table/);
});
