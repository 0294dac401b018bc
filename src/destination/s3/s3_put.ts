import { PutObjectCommand, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import { type Answer, answerWith, type S3Patterns } from "./s3_pattern.ts";

/** A PUT of one object, but for its bytes. */
export type PutInput = Omit<PutObjectCommandInput, "Body" | "ContentLength">;

/**
 * PUTs by the pattern of the first one of their kind. What is answered otherwise than by an empty success, the SDK reads, as if it had
 * asked. Throws what the client's `send` throws.
 */
export async function putByPattern(
  patterns: S3Patterns,
  client: S3Client,
  input: PutInput,
  bytes: Uint8Array,
  abortSignal: AbortSignal,
): Promise<void> {
  const [kind, key] = [kindOf(input), input.Key ?? ""];
  const crc32 = input.ChecksumCRC32;
  const headers = {
    "content-length": String(bytes.length),
    ...crc32 !== undefined && { "x-amz-checksum-crc32": crc32 },
  };
  const answer = await patterns.send(client, kind, { key, headers, body: bytes }, abortSignal);
  if (answer !== undefined && isEmptySuccess(answer)) return;
  const command = new PutObjectCommand({ ...input, Body: bytes, ContentLength: bytes.length });
  const send = () => client.send(command, { abortSignal });
  if (answer === undefined) await patterns.learn(client, { kind, key }, command, send);
  else {
    answerWith(command, answer);
    await send();
  }
}

/** What decides about all headers but those of one object. There are few kinds: of records, of objects by format. */
function kindOf({ Key: _, ChecksumCRC32: crc32, ...rest }: PutInput): string {
  return JSON.stringify(["PUT", rest, crc32 !== undefined]);
}

function isEmptySuccess({ response }: Answer): boolean {
  const { statusCode, headers, body } = response;
  return statusCode === 200 && (body === undefined || headers["content-length"] === "0");
}
