import process from "node:process";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { usesPathStyle } from "../../model/address/s3_settings.ts";
import { PermanentError } from "../../model/errors.ts";
import type { S3Options } from "../open_destination.ts";
import { SILENT } from "./s3_http.ts";

/**
 * The SDK's client as we use it.
 *
 * Retries are ours, so the SDK makes one try. Its own checksums are off: we give those that we know (`s3_checksums.ts`).
 * It does not ask with `Expect: 100-continue`, the answer to which some runtimes never hear. Files with credentials are
 * read anew for each client: the SDK would remember them as long as the process lives.
 */
export function createS3Client(
  options: S3Options,
  requestHandler: NonNullable<S3ClientConfig["requestHandler"]>,
): S3Client {
  const { region, endpoint, credentials } = options;
  assertEndpoint(endpoint);
  // The SDK calls what some runtimes deprecate, and their warning would stand among our log lines.
  Object.assign(process, { noDeprecation: true });
  return new S3Client({
    ...endpoint !== undefined && { endpoint, region: "us-east-1" },
    ...region !== undefined && { region },
    ...credentials !== undefined && { credentials },
    credentialDefaultProvider: (init) => defaultProvider({ ...init, ignoreCache: true }),
    forcePathStyle: usesPathStyle(options),
    maxAttempts: 1,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    expectContinueHeader: false,
    logger: SILENT,
    requestHandler,
  });
}

function assertEndpoint(endpoint: string | undefined): void {
  if (endpoint === undefined) return;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== "") return;
  throw new PermanentError(
    `Cannot use S3 endpoint "${endpoint}": it must be a URL such as https://s3.example.org`,
  );
}
