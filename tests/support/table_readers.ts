/** Reads tables with engines that share no code with what wrote them nor with each other. */
import { fileURLToPath } from "node:url";
import { runCommand } from "../../scripts/services/run_command.ts";
import { pythonWith } from "./python_environment.ts";
import { s3Credentials, s3Endpoint, s3Region } from "./services.ts";

/** In two environments, for both are large. */
const PACKAGES = {
  delta: [
    "deltalake==1.6.6",
    "duckdb==1.5.5",
    "duckdb-extension-delta==1.5.5",
    "duckdb-extension-httpfs==1.5.5",
    "pytz==2026.6",
  ],
  iceberg: [
    "duckdb==1.5.5",
    "duckdb-extension-avro==1.5.5",
    "duckdb-extension-httpfs==1.5.5",
    "duckdb-extension-iceberg==1.5.5",
    "pyiceberg[pyarrow]==0.12.0",
    "pytz==2026.6",
  ],
};
const SCRIPT = fileURLToPath(new URL("./table_readers.py", import.meta.url));

export function pythonWithDelta(): Promise<string> {
  return pythonWith("table-readers", PACKAGES.delta);
}

export function pythonWithIceberg(): Promise<string> {
  return pythonWith("iceberg-readers", PACKAGES.iceberg);
}

/** Which read what. */
export const TABLE_READERS = {
  delta: ["deltalake", "duckdb"],
  iceberg: ["duckdb-iceberg", "pyiceberg"],
} as const;
export type TableReader = (typeof TABLE_READERS)[keyof typeof TABLE_READERS][number];

/** Which ask a REST catalog of Iceberg for a table. */
export const CATALOG_READERS = ["duckdb-catalog", "pyiceberg-catalog"] as const;
export type CatalogReader = (typeof CATALOG_READERS)[number];

export type TableRow = Readonly<Record<string, unknown>>;

/** The answer of a reader to a query in which `t` is the table: of a folder, or of a bucket of the tests' S3 server. */
export async function queryTable(
  reader: TableReader,
  address: string,
  query: string,
): Promise<TableRow[]> {
  const options = address.startsWith("s3://") ? s3Options() : {};
  return await runReader(reader, address, query, JSON.stringify(options));
}

/** The same of a table by its name, `shop.orders`, in the catalog at this address. */
export async function queryCatalog(
  reader: CatalogReader,
  url: string,
  name: string,
  query: string,
): Promise<TableRow[]> {
  return await runReader(reader, url, query, JSON.stringify(s3Options()), name);
}

async function runReader(
  reader: TableReader | CatalogReader,
  ...args: readonly string[]
): Promise<TableRow[]> {
  const isDelta = TABLE_READERS.delta.some((name) => name === reader);
  const python = await (isDelta ? pythonWithDelta() : pythonWithIceberg());
  return JSON.parse(await runCommand(python, [SCRIPT, reader, ...args]));
}

function s3Options(): Record<string, string> {
  const { accessKeyId, secretAccessKey } = s3Credentials();
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: s3Region(),
    AWS_ENDPOINT_URL: s3Endpoint(),
    AWS_ALLOW_HTTP: "true",
  };
}
