import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { TransientError } from "../model/errors.ts";
import { mapLimited } from "../support/limited.ts";
import { type S3Action, s3Code, s3Status } from "./s3_faults.ts";
import type { S3Requests } from "./s3_requests.ts";

const PARTS_IN_FLIGHT_MAX = 4;

/** An object to upload in parts. `input` has bucket, key and what else the object shall be created with. */
export interface PartsUpload {
  readonly requests: S3Requests;
  readonly action: S3Action;
  readonly input: CreateMultipartUploadCommandInput;
  readonly bytes: Uint8Array;
  /** S3 allows 5 MiB to 5 GiB, and 10,000 parts. */
  readonly partBytes: number;
  /** Whether an object with the key is there now. */
  readonly exists: () => Promise<boolean>;
}

/**
 * Creates a large object unless there is one with its key: the condition is on the request that completes the upload.
 *
 * A conflict there, or an upload that is gone without the object being there, means another upload from the start.
 * Nothing is left behind where the server can be told so; else the bucket's rule for incomplete uploads removes it.
 */
export async function putInParts(upload: PartsUpload): Promise<"created" | "exists"> {
  const outcome = await upload.requests.repeat(async () => {
    // Each request within has been repeated already: its error is final, only a conflict starts anew.
    const outcome = await uploadOnce(upload).catch((error: unknown) => ({ error }));
    if (outcome !== "conflict") return outcome;
    throw new TransientError(`Cannot ${upload.action.text}: another upload of it is under way`);
  });
  if (typeof outcome === "object") throw outcome.error;
  return outcome;
}

type UploadOutcome = "created" | "exists" | "conflict";

async function uploadOnce(upload: PartsUpload): Promise<UploadOutcome> {
  const { action, input, requests } = upload;
  const uploadId = await requests.send({
    action,
    send: async (client, abortSignal) =>
      (await client.send(new CreateMultipartUploadCommand(input), { abortSignal })).UploadId,
  });
  let outcome: UploadOutcome = "conflict";
  try {
    const etags = await uploadParts(upload, uploadId);
    outcome = await complete(upload, uploadId, etags);
    return outcome;
  } finally {
    if (outcome !== "created") await discard(upload, uploadId);
  }
}

/**
 * Uploads all parts, a few at a time; answers their ETags in order. None is under way any more when it returns or
 * throws: a part that arrives after its upload was discarded would stay.
 */
function uploadParts(upload: PartsUpload, uploadId: string | undefined): Promise<string[]> {
  const { bytes, partBytes } = upload;
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += partBytes) {
    parts.push(bytes.subarray(start, start + partBytes));
  }
  return mapLimited(
    parts,
    PARTS_IN_FLIGHT_MAX,
    (part, index) => uploadPart(upload, uploadId, index + 1, part),
  );
}

function uploadPart(
  upload: PartsUpload,
  uploadId: string | undefined,
  partNumber: number,
  body: Uint8Array,
): Promise<string> {
  const { Bucket, Key } = upload.input;
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
      });
      const { ETag } = await client.send(command, { abortSignal });
      if (ETag === undefined) throw new Error("the server gave a part no ETag");
      return ETag;
    },
  });
}

async function complete(
  upload: PartsUpload,
  uploadId: string | undefined,
  etags: readonly string[],
): Promise<UploadOutcome> {
  const { Bucket, Key } = upload.input;
  const outcome = await upload.requests.send<UploadOutcome | "look">({
    action: upload.action,
    // Joining the parts may take the server as long as receiving them.
    bytes: upload.bytes.length,
    send: async (client, abortSignal) => {
      const command = new CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId: uploadId,
        IfNoneMatch: "*",
        MultipartUpload: { Parts: etags.map((ETag, i) => ({ ETag, PartNumber: i + 1 })) },
      });
      await client.send(command, { abortSignal });
      return "created";
    },
    answer(error) {
      if (s3Status(error) === 409) return "conflict";
      // Also after a try that succeeded and whose answer was lost.
      if (s3Status(error) === 412 || s3Code(error) === "NoSuchUpload") return "look";
      return undefined;
    },
  });
  if (outcome !== "look") return outcome;
  return await upload.exists() ? "exists" : "conflict";
}

/** Tells the server to drop the parts. Where that fails the bucket's rule for incomplete uploads does it. */
async function discard(upload: PartsUpload, uploadId: string | undefined): Promise<void> {
  const { Bucket, Key } = upload.input;
  const command = new AbortMultipartUploadCommand({ Bucket, Key, UploadId: uploadId });
  await upload.requests.sendOnce({
    action: { text: `discard parts of "${Key}"`, permissions: "s3:AbortMultipartUpload" },
    send: (client, abortSignal) => client.send(command, { abortSignal }),
  }).catch(() => {});
}
