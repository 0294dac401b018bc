import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../../support/clock.ts";

type Handler = S3Client["config"]["requestHandler"];
type Request = Parameters<Handler["handle"]>[0];
export type Answer = Awaited<ReturnType<Handler["handle"]>>;
type Headers = Request["headers"];
type Signer = Awaited<ReturnType<S3Client["config"]["signer"]>>;

/** What of a command is needed to look at its request and to give it an answer. */
interface Watchable {
  readonly middlewareStack: {
    add(middleware: (next: Next) => Next, options: typeof INNERMOST): void;
  };
}
// deno-lint-ignore no-explicit-any
type Next = (args: any) => Promise<any>;

/** A request as the SDK has sent it once, without what differs from object to object. */
interface Pattern {
  readonly request: Request;
  /** What comes before the key. */
  readonly path: string;
  readonly headers: Headers;
  readonly signer: Signer;
  readonly signing: { readonly signingRegion: string; readonly signingService: string };
}

/** What is another one in each request. */
export interface OfOne {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** What is made for each request. */
const HEADERS_OF_ONE = [
  "amz-sdk-invocation-id",
  "amz-sdk-request",
  "authorization",
  "content-length",
  "range",
  "x-amz-checksum-crc32",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
];

/** Of a signature with a key of ours: its region and its service. Others (directory buckets, regions at once) have no pattern. */
const SCOPE = /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request,/;

/**
 * Requests that differ in key, bytes and a few headers only, for a third of what they cost the SDK: it finds out for each what is
 * the same for all of them, which took 0.8 ms of CPU, more than all else that a small object costs.
 *
 * So the SDK makes the first one, and its request is the pattern for the others, signed by its signer and with its
 * credentials.
 */
export class S3Patterns {
  readonly #clock: Clock;
  readonly #patterns = new WeakMap<S3Client, Map<string, Pattern>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined where no pattern of this kind is known. */
  async send(
    client: S3Client,
    kind: string,
    one: OfOne,
    abortSignal: AbortSignal,
  ): Promise<Answer | undefined> {
    const pattern = this.#patterns.get(client)?.get(kind);
    if (pattern === undefined) return undefined;
    // The SDK learns from refusals by how much the server's clock differs.
    const signingDate = new Date(this.#clock.wallMs() + client.config.systemClockOffset);
    const { signer, signing } = pattern;
    const unsigned = requestOf(pattern, one);
    const request = await signer.sign(unsigned, { ...signing, signingDate }) as Request;
    return await client.config.requestHandler.handle(request, { abortSignal });
  }

  /** Lets `send` send by the SDK alone, and keeps the request that went out in the end as the pattern of its kind. */
  async learn<T>(
    client: S3Client,
    { kind, key }: { readonly kind: string; readonly key: string },
    command: Watchable,
    send: () => Promise<T>,
  ): Promise<T> {
    let sent: Request | undefined;
    command.middlewareStack.add((next) => (args) => {
      sent = args.request as Request;
      return next(args);
    }, INNERMOST);
    const output = await send();
    const pattern = sent && await patternOf(client, key, sent);
    if (pattern === undefined) return output;
    const known = this.#patterns.get(client) ?? new Map<string, Pattern>();
    this.#patterns.set(client, known.set(kind, pattern));
    return output;
  }
}

/** Gives a command an answer that the SDK has not asked for: sent then, it says what it makes of it. */
export function answerWith(command: Watchable, { response }: Answer): void {
  command.middlewareStack.add(
    () => () => Promise.resolve({ response, output: undefined as never }),
    INNERMOST,
  );
}

/** The middleware next to the connection. */
const INNERMOST = { step: "deserialize", priority: "low" } as const;

async function patternOf(
  client: S3Client,
  key: string,
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
  { key, headers: own, body }: OfOne,
): Request {
  return Object.assign(Object.create(Object.getPrototypeOf(request)), request, {
    path: path + escapeKey(key),
    headers: { ...headers, ...own },
    body,
  });
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
