/** The servers that tests talk to, as `deno task services` or `deno task test` name them in the environment. */
import { systemRandom } from "../../src/support/random.ts";

/** Address of a MongoDB replica set. */
export function mongodbUri(): string {
  return required("TEST_MONGODB_URI");
}

export function redisUrl(): string {
  return required("TEST_REDIS_URL");
}

/** Address of an S3 server that is spoken to in path style. */
export function s3Endpoint(): string {
  return required("TEST_S3_ENDPOINT");
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export function s3Credentials(): S3Credentials {
  return {
    accessKeyId: required("TEST_S3_ACCESS_KEY"),
    secretAccessKey: required("TEST_S3_SECRET_KEY"),
  };
}

export function s3Region(): string {
  return Deno.env.get("TEST_S3_REGION") ?? "us-east-1";
}

/**
 * A name nobody else uses, for a database, a bucket, a key prefix or a pipeline: `{prefix}-` and 12 hexadecimal digits.
 * Valid as a bucket's name if the prefix is.
 */
export function uniqueName(prefix: string): string {
  return `${prefix}-${systemRandom.hex(12)}`;
}

function required(name: string): string {
  const value = Deno.env.get(name);
  if (value !== undefined && value !== "") return value;
  throw new Error(
    `${name} is not set: start the servers with \`deno task services\`, or run \`deno task test\``,
  );
}
