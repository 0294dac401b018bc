import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { S3Options } from "../../src/destination/open_destination.ts";
import { s3Credentials, s3Endpoint, s3Region } from "./services.ts";

/** The settings with which the tests' S3 server is reached, directly or at another address. */
export function s3TestOptions(endpoint = s3Endpoint()): S3Options {
  return {
    endpoint,
    region: s3Region(),
    forcePathStyle: true,
    credentials: s3Credentials(),
  };
}

/** Makes sure that there is a bucket with this name, which may be there already. */
export async function ensureBucket(name: string): Promise<void> {
  const client = new S3Client({
    endpoint: s3Endpoint(),
    region: s3Region(),
    credentials: s3Credentials(),
    forcePathStyle: true,
  });
  try {
    await client.send(new CreateBucketCommand({ Bucket: name }));
  } catch (error) {
    const { name: code } = error as Error;
    if (code !== "BucketAlreadyOwnedByYou" && code !== "BucketAlreadyExists") throw error;
  } finally {
    client.destroy();
  }
}
