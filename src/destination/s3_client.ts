import process from "node:process";
import { S3Client } from "@aws-sdk/client-s3";
import { PermanentError } from "../model/errors.ts";
import type { S3Options } from "./open_destination.ts";
import { createS3Http, SILENT } from "./s3_http.ts";

/**
 * The SDK's client as we use it.
 *
 * Retries are ours, so the SDK makes one try. Its own checksums are off: the signature covers the SHA-256 of every
 * body already, and stores other than AWS need not know the newer ones. It does not ask with `Expect: 100-continue`,
 * the answer to which some runtimes never hear. The caller has at most `connectionsMax` requests under way: a wait
 * for a connection would count as a failure to connect.
 */
export function createS3Client(options: S3Options, connectionsMax: number): S3Client {
  const { region, endpoint, credentials } = options;
  assertEndpoint(endpoint);
  // The SDK calls what some runtimes deprecate, and their warning would stand among our log lines.
  Object.assign(process, { noDeprecation: true });
  return new S3Client({
    ...endpoint !== undefined && { endpoint, region: "us-east-1" },
    ...region !== undefined && { region },
    ...credentials !== undefined && { credentials },
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    maxAttempts: 1,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    expectContinueHeader: false,
    logger: SILENT,
    requestHandler: createS3Http(connectionsMax),
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
