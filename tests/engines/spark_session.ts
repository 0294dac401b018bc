/** Spark on this machine, which runs one statement after the other. */
import { fileURLToPath } from "node:url";
import { pythonWith } from "../support/python_environment.ts";
import { s3Credentials } from "../support/services.ts";
import { jarsOf } from "./maven_jars.ts";
import { readerOptions } from "./reader_options.ts";

const POM = fileURLToPath(new URL("./spark/pom.xml", import.meta.url));
const SCRIPT = fileURLToPath(new URL("./spark/answer_sql.py", import.meta.url));

export interface SparkSession extends AsyncDisposable {
  /** The rows of a statement; throws with what Spark says where it fails. Statements do not overlap. */
  sql(statement: string): Promise<Record<string, unknown>[]>;
}

/** `catalog`: the address of the REST catalog that is `ours` in statements. */
export async function startSpark(catalog: string): Promise<SparkSession> {
  const python = await pythonWith("spark", ["pyspark==4.1.1"]);
  const jars = await jarsOf("spark-jars", POM);
  const { accessKeyId, secretAccessKey } = s3Credentials();
  const child = new Deno.Command(python, {
    args: [SCRIPT, jars, catalog, JSON.stringify(readerOptions())],
    env: { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    ...{ stdin: "piped", stdout: "piped", stderr: "null" },
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  const nextLine = async (): Promise<string> => {
    while (!said.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error("Spark has ended");
      said += value;
    }
    const end = said.indexOf("\n");
    const line = said.slice(0, end);
    said = said.slice(end + 1);
    return line;
  };
  return {
    async sql(statement) {
      await writer.write(new TextEncoder().encode(`${statement.replace(/\s+/g, " ")}\n`));
      const { rows, error } = JSON.parse(await nextLine());
      if (error !== undefined) throw new Error(error);
      return rows;
    },
    async [Symbol.asyncDispose]() {
      await writer.close();
      await child.status;
      await reader.cancel();
    },
  };
}
