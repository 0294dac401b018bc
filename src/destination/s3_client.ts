import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { PermanentError } from "../model/errors.ts";
import type { S3Options } from "./open_destination.ts";

const CONNECT_MS_MAX = 5000;

/** Nothing of the SDK is printed: its errors reach the caller, and nothing else is for people. */
const SILENT = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/**
 * The SDK's client as we use it.
 *
 * Retries are ours, so the SDK makes one try. Its own checksums are off: the signature covers the SHA-256 of every
 * body already, and stores other than AWS need not know the newer ones. It does not ask with `Expect: 100-continue`,
 * the answer to which some runtimes never hear. The `node:http` handler was chosen by measurement: it puts 16 MiB with
 * a third of the CPU time of the `fetch` one, which copies bodies.
 */
export function createS3Client(options: S3Options, connectionsMax: number): S3Client {
  const { region, endpoint, credentials } = options;
  assertEndpoint(endpoint);
  // The caller has at most so many requests under way: a wait for a socket would count as a failure to connect.
  const agent = { keepAlive: true, maxFreeSockets: connectionsMax };
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
    requestHandler: new NodeHttpHandler({
      connectionTimeout: CONNECT_MS_MAX,
      // The caller has a deadline for each request, which all runtimes keep.
      socketTimeout: 0,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      logger: SILENT,
    }),
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
