import { mongodbUri, s3Credentials, s3Endpoint, s3Region } from "../support/services.ts";

/** The environment of a program that reads one database of the test server, and shares nothing with others. */
export function sourceSettings(database: string): Record<string, string> {
  return {
    MONGODB_URI: mongodbUri(),
    MONGODB_DATABASE: database,
    BATCH_TIMEOUT: "300ms",
    RETRY_DELAY: "100ms",
    MAX_RETRY_DELAY: "2s",
    HTTP_ADDRESS: "none",
    LEASES: "memory",
    ENCODERS: "1",
  };
}

/** The same where the subject is what changes: documents that are there before become no rows. */
export function streamingSettings(database: string): Record<string, string> {
  return { ...sourceSettings(database), SNAPSHOT: "off" };
}

/** The environment of a program that writes to the test S3 server, directly or at another address. */
export function s3Settings(
  bucket: string,
  prefix: string,
  endpoint = s3Endpoint(),
): Record<string, string> {
  const { accessKeyId, secretAccessKey } = s3Credentials();
  return {
    DESTINATION: `s3://${bucket}/${prefix}`,
    S3_ENDPOINT: endpoint,
    S3_FORCE_PATH_STYLE: "true",
    AWS_REGION: s3Region(),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
}
