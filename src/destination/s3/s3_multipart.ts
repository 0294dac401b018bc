import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { TransientError } from "../../model/errors.ts";
import { crc32Hex } from "../../support/bytes/crc32.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import { type ChecksumHabit, crc32ToBase64 } from "./s3_checksums.ts";
import { type S3Action, s3Code, s3Status } from "./s3_faults.ts";
import type { S3Requests } from "./s3_requests.ts";

const PARTS_IN_FLIGHT_MAX = 4;

/** What is uploaded in parts. `input` has bucket, key and what else the object shall be created with. */
export interface Upload {
  readonly requests: S3Requests;
  readonly action: S3Action;
  readonly input: CreateMultipartUploadCommandInput;
  readonly checksums: ChecksumHabit;
  /** S3 allows 5 MiB to 5 GiB, and 10,000 parts. */
  readonly partBytes: number;
  /** Whether an object with the key is there now. */
  readonly exists: () => Promise<boolean>;
}

/** An object that is held whole. */
export interface PartsUpload extends Upload {
  readonly bytes: Uint8Array;
  /** Of all bytes. */
  readonly crc32: string;
}

/**
 * Creates a large object unless there is one with its key: the condition is on the request that completes the upload.
 *
 * A conflict there, parts that arrived damaged, or an upload that is gone without the object being there, means another
 * upload from the start.
 * Nothing is left behind where the server can be told so; else the bucket's rule for incomplete uploads removes it.
 */
export async function putInParts(upload: PartsUpload): Promise<"created" | "exists"> {
  const outcome = await upload.requests.repeat(async () => {
    // Each request within has been repeated already: its error is final, only a conflict starts anew.
    const outcome = await upload.checksums.run((given) => uploadOnce(upload, given))
      .catch((error: unknown) => ({ error }));
    if (outcome !== "conflict") return outcome;
    throw new TransientError(
      `Cannot ${upload.action.text}: another upload of it is under way, or its parts were damaged`,
    );
  });
  if (typeof outcome === "object") throw outcome.error;
  return outcome;
}

export type UploadOutcome = "created" | "exists" | "conflict";

/** An upload that has begun. */
export interface BegunUpload {
  readonly uploadId: string | undefined;
  /** Whether parts are sent with their checksums, and the end with that of all. */
  readonly checksums: "none" | "parts" | "parts-and-whole";
}

export interface UploadedPart {
  readonly ETag: string;
  readonly ChecksumCRC32?: string;
}

async function uploadOnce(upload: PartsUpload, withChecksums: boolean): Promise<UploadOutcome> {
  const begun = await beginUpload(upload, withChecksums);
  let outcome: UploadOutcome = "conflict";
  try {
    const parts = await uploadParts(upload, begun);
    outcome = await completeUpload(upload, begun, parts, upload.crc32);
    return outcome;
  } finally {
    if (outcome !== "created") await discardUpload(upload, begun);
  }
}

export async function beginUpload(upload: Upload, withChecksums: boolean): Promise<BegunUpload> {
  const { action, input, requests } = upload;
  const command = new CreateMultipartUploadCommand({
    ...input,
    ...withChecksums && { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" },
  });
  const { UploadId: uploadId, ChecksumType: type } = await requests.send({
    action,
    send: (client, abortSignal) => client.send(command, { abortSignal }),
  });
  if (!withChecksums) return { uploadId, checksums: "none" };
  // A store that does not know the word would take the whole's checksum for one of the parts' checksums.
  return { uploadId, checksums: type === "FULL_OBJECT" ? "parts-and-whole" : "parts" };
}

/**
 * Uploads all parts, a few at a time; answers what the end must name, in order. None is under way any more when it
 * returns or throws: a part that arrives after its upload was discarded would stay.
 */
function uploadParts(upload: PartsUpload, begun: BegunUpload): Promise<UploadedPart[]> {
  const { bytes, partBytes } = upload;
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += partBytes) {
    parts.push(bytes.subarray(start, start + partBytes));
  }
  return mapLimited(
    parts,
    PARTS_IN_FLIGHT_MAX,
    (part, index) => uploadPart(upload, begun, index + 1, part),
  );
}

export function uploadPart(
  upload: Upload,
  { uploadId, checksums }: BegunUpload,
  partNumber: number,
  body: Uint8Array,
): Promise<UploadedPart> {
  const { Bucket, Key } = upload.input;
  const checksum = checksums === "none" ? {} : { ChecksumCRC32: crc32ToBase64(crc32Hex(body)) };
  return upload.requests.send({
    action: upload.action,
    bytes: body.length,
    send: async (client, abortSignal) => {
      const command = new UploadPartCommand({
        Bucket,
        Key,
        UploadId: uploadId,
        PartNumber: partNumber,
        Body: body,
        ContentLength: body.length,
        ...checksum,
      });
      const { ETag } = await client.send(command, { abortSignal });
      if (ETag === undefined) throw new Error("the server gave a part no ETag");
      return { ETag, ...checksum };
    },
  });
}

/** What the server says of parts that have arrived otherwise than they were sent, or not at all: all are sent again. */
const PARTS_WRONG = [
  "BadDigest",
  "InvalidPart",
  "InvalidPartOrder",
  "XAmzContentChecksumMismatch",
];

/** `crc32`: of all bytes, where it is known. */
export async function completeUpload(
  upload: Upload,
  { uploadId, checksums }: BegunUpload,
  parts: readonly UploadedPart[],
  crc32?: string,
): Promise<UploadOutcome> {
  const { Bucket, Key } = upload.input;
  const isWholeKnown = checksums === "parts-and-whole" && crc32 !== undefined;
  const outcome = await upload.requests.send<UploadOutcome | "look">({
    action: upload.action,
    // Joining the parts may take the server as long as receiving them.
    bytes: parts.length * upload.partBytes,
    send: async (client, abortSignal) => {
      const command = new CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId: uploadId,
        IfNoneMatch: "*",
        MultipartUpload: { Parts: parts.map((part, i) => ({ ...part, PartNumber: i + 1 })) },
        ...isWholeKnown &&
          { ChecksumCRC32: crc32ToBase64(crc32), ChecksumType: "FULL_OBJECT" },
      });
      await client.send(command, { abortSignal });
      return "created";
    },
    answer(error) {
      if (s3Status(error) === 409 || PARTS_WRONG.includes(s3Code(error))) return "conflict";
      // Also after a try that succeeded and whose answer was lost.
      if (s3Status(error) === 412 || s3Code(error) === "NoSuchUpload") return "look";
      return undefined;
    },
  });
  if (outcome !== "look") return outcome;
  return await upload.exists() ? "exists" : "conflict";
}

/** Tells the server to drop the parts. Where that fails the bucket's rule for incomplete uploads does it. */
export async function discardUpload(upload: Upload, { uploadId }: BegunUpload): Promise<void> {
  const { Bucket, Key } = upload.input;
  const command = new AbortMultipartUploadCommand({ Bucket, Key, UploadId: uploadId });
  await upload.requests.sendOnce({
    action: { text: `discard parts of "${Key}"`, permissions: "s3:AbortMultipartUpload" },
    send: (client, abortSignal) => client.send(command, { abortSignal }),
  }).catch(() => {});
}
