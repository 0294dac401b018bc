/** Iceberg's own REST catalog, on this machine, with its tables in a bucket of the tests' S3 server. */
import { fileURLToPath } from "node:url";
import { s3Credentials, s3Endpoint, s3Region } from "../support/services.ts";
import { jarsOf } from "./maven_jars.ts";

const POM = fileURLToPath(new URL("./catalog/pom.xml", import.meta.url));
const PROGRAM = fileURLToPath(new URL("./catalog/LoopbackCatalog.java", import.meta.url));

export interface CatalogServer extends AsyncDisposable {
  readonly url: string;
}

/** Knows no tables; `bucket` is where those come that are given no place. */
export async function startCatalogServer(bucket: string): Promise<CatalogServer> {
  const jars = await jarsOf("iceberg-catalog", POM);
  const properties = {
    type: "jdbc",
    // In a file, and with more than one connection, SQLite is busy more often than not.
    ...{ uri: "jdbc:sqlite::memory:", clients: "1", "jdbc.schema-version": "V1" },
    warehouse: `s3://${bucket}/warehouse`,
    "io-impl": "org.apache.iceberg.aws.s3.S3FileIO",
    ...{ "s3.endpoint": s3Endpoint(), "s3.path-style-access": "true" },
  };
  const { accessKeyId, secretAccessKey } = s3Credentials();
  const child = new Deno.Command("java", {
    args: [
      ...["-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-cp", jars, PROGRAM],
      ...Object.entries(properties).map(([name, value]) => `${name}=${value}`),
    ],
    env: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: s3Region(),
    },
    // Its end is the program's, also where a test is killed.
    ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!/^port \d+\n/m.test(said)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Iceberg's REST catalog did not start: ${said}`);
    said += value;
  }
  return {
    url: `http://127.0.0.1:${/^port (\d+)$/m.exec(said)![1]}`,
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await reader.cancel();
      await child.status;
    },
  };
}
