import { PutObjectCommand, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../support/clock.ts";

/** A PUT of one object, but for its bytes. */
export type PutInput = Omit<PutObjectCommandInput, "Body" | "ContentLength">;

type Handler = S3Client["config"]["requestHandler"];
type Request = Parameters<Handler["handle"]>[0];
type Answer = Awaited<ReturnType<Handler["handle"]>>;
type Headers = Request["headers"];
type Signer = Awaited<ReturnType<S3Client["config"]["signer"]>>;

/** A request as the SDK has sent it once, without what differs from object to object. */
interface Pattern {
  readonly request: Request;
  /** What comes before the key. */
  readonly path: string;
  readonly headers: Headers;
  readonly signer: Signer;
  readonly signing: { readonly signingRegion: string; readonly signingService: string };
}

/** What is made for each request. */
const HEADERS_OF_ONE = [
  "amz-sdk-invocation-id",
  "amz-sdk-request",
  "authorization",
  "content-length",
  "x-amz-checksum-crc32",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
];

/** Of a signature with a key of ours: its region and its service. Others (directory buckets, regions at once) have no pattern. */
const SCOPE = /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request,/;

/**
 * PUTs of objects that differ in key and bytes only, for a third of what they cost the SDK: it finds out for each what is
 * the same for all of them, which took 0.8 ms of CPU, more than all else that a small object costs.
 *
 * So the SDK makes the first one, and its request is the pattern for the others, signed by its signer and with its
 * credentials. What is answered otherwise than by an empty success, it reads, as if it had asked.
 */
export class S3Puts {
  readonly #clock: Clock;
  readonly #patterns = new WeakMap<S3Client, Map<string, Pattern>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws what the client's `send` throws. */
  async put(
    client: S3Client,
    input: PutInput,
    bytes: Uint8Array,
    abortSignal: AbortSignal,
  ): Promise<void> {
    const kind = kindOf(input);
    const pattern = this.#patterns.get(client)?.get(kind);
    const command = () =>
      new PutObjectCommand({ ...input, Body: bytes, ContentLength: bytes.length });
    if (pattern === undefined) {
      const sent = await sendAndNote(client, command(), abortSignal);
      return await this.#keep(client, kind, input, sent);
    }
    // The SDK learns from refusals by how much the server's clock differs.
    const signingDate = new Date(this.#clock.wallMs() + client.config.systemClockOffset);
    const { signer, signing } = pattern;
    const unsigned = requestOf(pattern, input, bytes);
    const request = await signer.sign(unsigned, { ...signing, signingDate }) as Request;
    const answer = await client.config.requestHandler.handle(request, { abortSignal });
    if (!isEmptySuccess(answer)) await readBySdk(client, command(), answer, abortSignal);
  }

  async #keep(
    client: S3Client,
    kind: string,
    input: PutInput,
    request: Request | undefined,
  ): Promise<void> {
    const pattern = request && await patternOf(client, input, request);
    if (pattern === undefined) return;
    const known = this.#patterns.get(client) ?? new Map<string, Pattern>();
    this.#patterns.set(client, known.set(kind, pattern));
  }
}

/** What decides about all headers but those of one object. There are few kinds: of records, of objects by format. */
function kindOf({ Key: _, ChecksumCRC32: crc32, ...rest }: PutInput): string {
  return JSON.stringify([rest, crc32 !== undefined]);
}

/** Sends by the SDK alone; answers the request that went out in the end. */
async function sendAndNote(
  client: S3Client,
  command: PutObjectCommand,
  abortSignal: AbortSignal,
): Promise<Request | undefined> {
  let sent: Request | undefined;
  command.middlewareStack.add((next) => (args) => {
    sent = args.request as Request;
    return next(args);
  }, INNERMOST);
  await client.send(command, { abortSignal });
  return sent;
}

/** Lets the SDK read an answer that it has not asked for: it throws what it makes of a fault. */
async function readBySdk(
  client: S3Client,
  command: PutObjectCommand,
  { response }: Answer,
  abortSignal: AbortSignal,
): Promise<void> {
  command.middlewareStack.add(
    () => () => Promise.resolve({ response, output: undefined as never }),
    INNERMOST,
  );
  await client.send(command, { abortSignal });
}

/** The middleware next to the connection. */
const INNERMOST = { step: "deserialize", priority: "low" } as const;

async function patternOf(
  client: S3Client,
  { Key: key = "" }: PutInput,
  request: Request,
): Promise<Pattern | undefined> {
  const [, signingRegion, signingService] = SCOPE.exec(request.headers["authorization"] ?? "") ??
    [];
  const escaped = escapeKey(key);
  const isPlain = signingRegion !== undefined && signingService !== undefined &&
    !("x-amz-s3session-token" in request.headers) && request.path.endsWith("/" + escaped);
  if (!isPlain) return undefined;
  const headers = { ...request.headers };
  for (const name of HEADERS_OF_ONE) delete headers[name];
  return {
    // The first object's bytes are not held for the others.
    request: Object.assign(Object.create(Object.getPrototypeOf(request)), request, {
      body: undefined,
    }),
    path: request.path.slice(0, -escaped.length),
    headers,
    signer: await client.config.signer({
      name: "sigv4",
      ...{ signingRegion, signingName: signingService, properties: {} },
    }),
    signing: { signingRegion, signingService },
  };
}

function requestOf(
  { request, path, headers }: Pattern,
  { Key: key = "", ChecksumCRC32: crc32 }: PutInput,
  body: Uint8Array,
): Request {
  return Object.assign(Object.create(Object.getPrototypeOf(request)), request, {
    path: path + escapeKey(key),
    headers: {
      ...headers,
      "content-length": String(body.length),
      ...crc32 !== undefined && { "x-amz-checksum-crc32": crc32 },
    },
    body,
  });
}

function isEmptySuccess({ response }: Answer): boolean {
  const { statusCode, headers, body } = response;
  return statusCode === 200 && (body === undefined || headers["content-length"] === "0");
}

/** As the SDK does it: more than `encodeURIComponent` escapes (RFC 3986, 2.3), and no slash. */
function escapeKey(key: string): string {
  return key.split("/").map((part) =>
    encodeURIComponent(part).replace(
      /[!'()*]/g,
      (char) => "%" + char.charCodeAt(0).toString(16).toUpperCase(),
    )
  ).join("/");
}
