import {
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
  type RequestOptions,
} from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import { concatBytes } from "../../support/bytes/concat_bytes.ts";

/** A request whose body is at hand. */
export interface Upload {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

/** What was answered, to the end. */
export interface UploadAnswer {
  readonly statusCode: number;
  readonly reason: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Uploads by `node:http`, over connections that stay open.
 *
 * The SDK's handler for it arms four timers for each request and makes a stream of each answer; that was a third of what
 * a small upload costs. Who calls has a deadline for each request, so here only connecting has one.
 */
export class NodeUploads {
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;
  readonly #connectMsMax: number;

  constructor(connectionsMax: number, connectMsMax: number) {
    const options = { keepAlive: true, maxFreeSockets: connectionsMax };
    this.#http = new HttpAgent(options);
    this.#https = new HttpsAgent(options);
    this.#connectMsMax = connectMsMax;
  }

  /**
   * Rejects where the connection breaks before the answer has ended, or the signal is aborted. Of a refusal the status is
   * enough: it is answered with as much of the body as there is.
   */
  send(upload: Upload, signal?: AbortSignal): Promise<UploadAnswer> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortError());
      const { protocol, hostname: host, port, method, path, headers, body } = upload;
      const isSecure = protocol === "https:";
      const agent = isSecure ? this.#https : this.#http;
      const options: RequestOptions = { agent, host, port, method, path, headers };
      const sent = (isSecure ? requestHttps : requestHttp)(options);
      const onAbort = () => end(abortError());
      const end = (outcome: Error | UploadAnswer) => {
        signal?.removeEventListener("abort", onAbort);
        if (!(outcome instanceof Error)) return resolve(outcome);
        reject(outcome);
        sent.destroy();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      // Once it answers, a server that refuses may cut off what is still sent.
      sent.on("error", (error) => sent.listenerCount("response") > 0 && end(error));
      sent.once("response", (response) => readAnswer(response, end));
      sent.on("socket", (socket) => this.#limitConnecting(socket, end));
      sent.end(body);
    });
  }

  /** Ends all connections. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #limitConnecting(socket: Socket, end: (error: Error) => void): void {
    if (!socket.connecting) return;
    const onTimeout = () => end(new Error(`no connection within ${this.#connectMsMax} ms`));
    socket.setTimeout(this.#connectMsMax, onTimeout);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("timeout", onTimeout);
    });
  }
}

function readAnswer(
  response: IncomingMessage,
  end: (outcome: Error | UploadAnswer) => void,
): void {
  const parts: Uint8Array[] = [];
  const answer = () => ({
    statusCode: response.statusCode ?? 0,
    reason: response.statusMessage ?? "",
    headers: headersOf(response),
    body: concatBytes(parts),
  });
  const breakOff = (error: Error) => end((response.statusCode ?? 0) >= 300 ? answer() : error);
  response.on("data", (part: Uint8Array) => parts.push(part));
  response.on("error", breakOff);
  response.on("end", () => end(answer()));
  // Does nothing where one of the others has come before.
  response.on("close", () => breakOff(new Error("the answer broke off")));
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return joined;
}

function abortError(): Error {
  return new DOMException("The upload was given up", "AbortError");
}
