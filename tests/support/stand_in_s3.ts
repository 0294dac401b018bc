/** One request as a stand-in server has received it. */
export interface S3Call {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Answers a request; `index` counts the requests from 0. */
export type S3Story = (call: S3Call, index: number) => Response | Promise<Response>;

/** A server on loopback that answers S3 requests as a test tells it to, and remembers them. It checks no signature. */
export class StandInS3 implements AsyncDisposable {
  readonly calls: S3Call[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(story: S3Story) {
    const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(options, async (request) => {
      const url = new URL(request.url);
      const call = {
        method: request.method,
        path: decodeURIComponent(url.pathname),
        query: url.searchParams,
        headers: request.headers,
        body: await request.bytes(),
      };
      const index = this.calls.push(call) - 1;
      return await story(call, index);
    });
  }

  get port(): number {
    return this.#server.addr.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** `PUT /bucket/key`, with the names of parameters: what was asked, in order. */
  get log(): string[] {
    return this.calls.map(({ method, path, query }) => {
      const names = [...query.keys()].filter((name) => name !== "x-id").join("&");
      return `${method} ${path}${names === "" ? "" : `?${names}`}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** How S3 refuses a request. */
export function s3Refusal(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Response {
  const body = `<Error><Code>${code}</Code><Message>This is ${code}.</Message></Error>`;
  return new Response(body, { status, headers: { "content-type": "application/xml", ...headers } });
}

/** An answer of S3 with a document. */
export function s3Xml(body: string): Response {
  return new Response(body, { headers: { "content-type": "application/xml" } });
}

/** How S3 says that an upload in parts has begun. */
export function s3UploadBegun(id = "u"): Response {
  return s3Xml(
    `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
  );
}

/** How S3 says that an upload in parts is an object now. */
export function s3UploadComplete(): Response {
  return s3Xml("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
}

/** How S3 answers the requests of an upload in parts; the tag of a part is its number behind an `e`. */
export function s3Upload(call: S3Call, id: () => string): Response {
  if (call.query.has("uploads")) return s3UploadBegun(id());
  const part = call.query.get("partNumber");
  if (part !== null) return new Response(null, { headers: { etag: `"e${part}"` } });
  return call.method === "DELETE" ? new Response(null, { status: 204 }) : s3UploadComplete();
}
