import { GetObjectCommand, type GetObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import { readBody } from "./s3_http.ts";
import { type Answer, answerWith, type S3Patterns } from "./s3_pattern.ts";

/** A GET of one object, or of a range of it. */
export type GetInput = Pick<GetObjectCommandInput, "Bucket" | "Key" | "Range">;

/** GETs by the pattern of the first one of their kind: the bytes. Throws what the client's `send` throws. */
export async function getByPattern(
  patterns: S3Patterns,
  client: S3Client,
  input: GetInput,
  abortSignal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { Bucket, Key: key = "", Range: range } = input;
  const kind = JSON.stringify(["GET", Bucket, range !== undefined]);
  const headers = range === undefined ? {} : { range };
  const answer = await patterns.send(client, kind, { key, headers }, abortSignal);
  if (answer !== undefined && isSuccess(answer)) {
    return await readBody(answer.response.body);
  }
  const command = new GetObjectCommand(input);
  const send = () => client.send(command, { abortSignal });
  if (answer !== undefined) answerWith(command, answer);
  const { Body: body } = answer === undefined
    ? await patterns.learn(client, { kind, key }, command, send)
    : await send();
  return await body!.transformToByteArray() as Uint8Array<ArrayBuffer>;
}

function isSuccess({ response: { statusCode } }: Answer): boolean {
  return statusCode === 200 || statusCode === 206;
}
