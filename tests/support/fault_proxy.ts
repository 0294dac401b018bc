import { sleep, systemClock } from "../../src/support/clock.ts";
import { HttpRequestSplitter } from "./http_request_splitter.ts";
import { SeededRandom } from "./seeded_random.ts";

/** What happens to the connections. */
export type FaultMode =
  | { readonly kind: "pass" }
  /** Every piece of a request waits so long. */
  | { readonly kind: "delay"; readonly ms: number }
  /** New connections are closed at once, those that are there too. */
  | { readonly kind: "refuse" }
  /** A connection is closed after so many bytes of one direction, counted from the mode's beginning. */
  | { readonly kind: "cut"; readonly direction: Direction; readonly afterBytes: number }
  /** Bytes are taken and vanish; nothing ever answers. */
  | { readonly kind: "black-hole" }
  /** Bytes are kept back until the mode changes. */
  | { readonly kind: "pause" }
  /** This share of HTTP requests is answered with 503 SlowDown and never reaches the target; the others wait as with `delay`. */
  | { readonly kind: "slow-down"; readonly share: number; readonly ms?: number };

export type Direction = "request" | "response";

export interface FaultProxyOptions {
  readonly target: { readonly hostname: string; readonly port: number };
  /** Decides which requests `slow-down` hits. */
  readonly seed?: number;
  /** Told of each HTTP request. */
  readonly onRequest?: (method: string, target: string) => void;
}

/**
 * A proxy on loopback that can be told to break. Bytes are forwarded as they are, the `Host` header too: signatures
 * made for the proxy's address stay valid.
 */
export class FaultProxy implements AsyncDisposable {
  /** What has been done to requests and connections so far. */
  readonly counts = { connections: 0, slowDowns: 0, cuts: 0 };
  readonly #options: FaultProxyOptions;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections = new Set<Connection>();
  readonly #random: SeededRandom;
  readonly #accepting: Promise<void>;
  #mode: FaultMode = { kind: "pass" };
  #changed = Promise.withResolvers<void>();

  constructor(options: FaultProxyOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed ?? 1);
    this.#accepting = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** The address for an HTTP client. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  setMode(mode: FaultMode): void {
    // Bytes that have vanished cannot come back.
    if (mode.kind === "refuse" || this.#mode.kind === "black-hole") this.dropConnections();
    this.#mode = mode;
    for (const connection of this.#connections) connection.passed = { request: 0, response: 0 };
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  /** Closes all connections, once; new ones are served. */
  dropConnections(): void {
    for (const connection of this.#connections) connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.setMode({ kind: "refuse" });
    await this.#accepting;
    await Promise.all([...this.#connections].map((connection) => connection.done));
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      this.counts.connections++;
      if (this.#mode.kind === "refuse") client.close();
      else void this.#serve(client);
    }
  }

  async #serve(client: Deno.TcpConn): Promise<void> {
    const connection = new Connection(client);
    this.#connections.add(connection);
    const close = () => connection.close();
    try {
      // Heads and bodies go separately: they must not wait for each other's acknowledgement.
      client.setNoDelay(true);
      const server = await Deno.connect(this.#options.target);
      server.setNoDelay(true);
      connection.server = server;
      // Closed while we were connecting: both pumps below end at once.
      if (connection.closed) server.close();
      // A side that goes away rejects or ends, and takes the other with it.
      const pumps = [this.#pumpRequests(connection), this.#pumpResponses(connection)];
      await Promise.allSettled(pumps.map((pump) => pump.finally(close)));
    } catch {
      // The target does not answer: nor do we.
    } finally {
      close();
      this.#connections.delete(connection);
      connection.finish();
    }
  }

  async #pumpRequests(connection: Connection): Promise<void> {
    const splitter = new HttpRequestSplitter();
    let refused = false;
    for await (const chunk of chunksOf(connection.client)) {
      for (const piece of splitter.split(chunk)) {
        if (piece.first) {
          this.#options.onRequest?.(piece.method, piece.target);
          refused = this.#refusesRequest();
        }
        if (!refused) await this.#forward(connection, "request", piece.bytes);
        else if (piece.last) {
          this.counts.slowDowns++;
          await writeAll(connection.client, slowDownAnswer(piece.method));
        }
      }
    }
  }

  async #pumpResponses(connection: Connection): Promise<void> {
    for await (const chunk of chunksOf(connection.server!)) {
      await this.#forward(connection, "response", chunk);
    }
  }

  #refusesRequest(): boolean {
    return this.#mode.kind === "slow-down" && this.#random.chance(this.#mode.share);
  }

  async #forward(connection: Connection, direction: Direction, bytes: Uint8Array): Promise<void> {
    while (this.#mode.kind === "pause") await this.#changed.promise;
    const mode = this.#mode;
    if (mode.kind === "black-hole") return;
    const waitMs = mode.kind === "delay" || mode.kind === "slow-down" ? mode.ms : undefined;
    if (waitMs !== undefined && direction === "request") await sleep(systemClock, waitMs);
    const to = direction === "request" ? connection.server! : connection.client;
    const left = mode.kind === "cut" && mode.direction === direction
      ? mode.afterBytes - connection.passed[direction]
      : Infinity;
    await writeAll(to, bytes.subarray(0, Math.max(0, Math.min(left, bytes.length))));
    connection.passed[direction] += bytes.length;
    if (bytes.length < left) return;
    this.counts.cuts++;
    connection.close();
  }
}

/** A client's connection and the one to the target that belongs to it. */
class Connection {
  readonly client: Deno.TcpConn;
  server: Deno.TcpConn | undefined;
  passed = { request: 0, response: 0 };
  closed = false;
  readonly #done = Promise.withResolvers<void>();

  constructor(client: Deno.TcpConn) {
    this.client = client;
  }

  get done(): Promise<void> {
    return this.#done.promise;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.client.close();
    this.server?.close();
  }

  finish(): void {
    this.#done.resolve();
  }
}

async function* chunksOf(connection: Deno.TcpConn): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const read = await connection.read(buffer);
    if (read === null) return;
    yield buffer.subarray(0, read);
  }
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await connection.write(bytes.subarray(done));
}

function slowDownAnswer(method: string): Uint8Array {
  const body = method === "HEAD"
    ? ""
    : "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
  return new TextEncoder().encode(
    `HTTP/1.1 503 Slow Down\r\ncontent-type: application/xml\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}
