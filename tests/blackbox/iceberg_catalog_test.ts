/** Tables of Iceberg in a catalog that asks for signatures and loses answers, kept by copies that are killed. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { type CatalogFault, startFakeCatalog } from "../support/fake_iceberg_catalog.ts";
import { createMongoWriter } from "../support/mongo_writer.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { ensureBucket } from "../support/s3_bucket.ts";
import { SeededRandom } from "../support/seeded_random.ts";
import { s3Credentials, uniqueName } from "../support/services.ts";
import { waitForRows } from "./judge.ts";
import { s3Settings, streamingSettings } from "./settings.ts";
import { tablesShown } from "./table_judge.ts";

const FAULTS: readonly CatalogFault[] = ["lost", { status: 503, done: true }, { status: 500 }];

Deno.test("tables in a catalog follow a lake over kills and lost answers, and each object is in them once", async () => {
  const bucket = uniqueName("catalog");
  await ensureBucket(bucket);
  const random = new SeededRandom(11);
  const logins = new Set<string>();
  let isCalm = false;
  await using server = startFakeCatalog({
    fault({ headers }) {
      logins.add((headers.get("authorization") ?? "").replace(/\/\d{8}\/|, Signature.*/g, " "));
      if (isCalm || random.fraction() > 1 / 4) return undefined;
      return FAULTS[Math.floor(random.fraction() * FAULTS.length)];
    },
  });
  await using writer = createMongoWriter(uniqueName("catalog"));
  const name = `${writer.database}.orders`;
  const table = `lake/${name.replaceAll(/[^a-z0-9]/g, "_")}`;
  const env = {
    ...{ ...streamingSettings(writer.database), ...s3Settings(bucket, "lake") },
    ...{ MONGODB_COLLECTIONS: "orders", TABLES: "iceberg", TABLE_INTERVAL: "1s" },
    ...{ ICEBERG_CATALOG: server.url, ICEBERG_SIGV4: "glue", ICEBERG_NAMESPACE: "lake" },
    ...{ LEASES: "destination", LOG_LEVEL: "debug" },
  };
  for (let kill = 0; kill < 2; kill++) {
    await using first = startProgram(["run"], { env: { ...env, INSTANCE_NAME: "first" } });
    await using second = startProgram(["run"], { env: { ...env, INSTANCE_NAME: "second" } });
    await Promise.any([first, second].map((each) => each.line(/Change stream opened/)));
    const before = server.tables.get(table)?.snapshots.length ?? 0;
    await writer.insert(["orders"], 200);
    await eventually(() => (server.tables.get(table)?.snapshots.length ?? 0) > before);
    for (const program of [first, second]) program.kill("SIGKILL");
    await Promise.all([first.ended, second.ended]);
  }
  await writer.insert(["orders"], 200);
  await using program = startProgram(["run"], { env });
  isCalm = true;
  const rowsOf = async () => {
    const [shown] = await tablesShown(env, name);
    return shown?.rows ?? 0;
  };
  const rows = writer.inserted.get("orders")!;
  await waitForRows(rows, rowsOf);
  assert.equal(await rowsOf(), rows);
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
  const verified = await runProgram(["table", "verify", "all"], { env });
  assert.deepEqual([verified.code, verified.stderr], [0, ""], verified.stdout);
  assert.deepEqual([...server.tables.keys()], [table]);
  const { accessKeyId } = s3Credentials();
  const login = new RegExp(
    `^AWS4-HMAC-SHA256 Credential=${accessKeyId} us-east-1/glue/aws4_request, `,
  );
  for (const each of logins) assert.match(each, login);
});
