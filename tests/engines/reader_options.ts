import { s3Credentials, s3Endpoint, s3Region } from "../support/services.ts";

/** How readers in Python reach the tests' S3 server. */
export function readerOptions(): Readonly<Record<string, string>> {
  const { accessKeyId: key, secretAccessKey: secret } = s3Credentials();
  return { endpoint: s3Endpoint(), region: s3Region(), key, secret };
}
