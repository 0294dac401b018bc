import { hostInUrl } from "../../model/address/http_address.ts";
import { errorMessage, PermanentError } from "../../model/errors.ts";
import { withTimeout } from "../../support/clock.ts";
import { refuse } from "./http_answer.ts";
import { answerTo, type HttpAddress, type HttpOptions, statusAnswer } from "./http_routes.ts";
import { liveStatus } from "../status/live_status.ts";
import { LiveChanges } from "./live_changes.ts";
import { LiveUpdates } from "./live_updates.ts";

/** A server that listens. Disposing closes it: what is being answered ends first, within a moment. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number;
}

/** So long answers under way may take after the order to close. */
const CLOSE_MS_MAX = 2000;

/**
 * Serves health, metrics, status, the page and orders to streams.
 *
 * @throws {PermanentError} with one sentence if it cannot listen there.
 */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { address, clock } = options;
  const live = new LiveUpdates(clock, () => liveStatus(statusAnswer(options)), new LiveChanges());
  const handle = async (request: Request): Promise<Response> => {
    const response = await answerTo(request, options, live);
    if (request.method !== "HEAD") return response;
    await response.body?.cancel();
    return new Response(null, response);
  };
  const tls = address.tls === undefined ? {} : await readTls(address.tls);
  const abort = new AbortController();
  const server = listen(address, tls, abort.signal, handle);
  return {
    port: server.addr.port,
    async [Symbol.asyncDispose]() {
      live[Symbol.dispose]();
      const late = () => new Error("answers under way take too long");
      await withTimeout(clock, CLOSE_MS_MAX, server.shutdown(), late).catch(() => abort.abort());
      await server.finished;
    },
  };
}

type Handler = (request: Request) => Promise<Response>;
type Server = Deno.HttpServer<Deno.NetAddr>;

function listen(address: HttpAddress, tls: object, signal: AbortSignal, handle: Handler): Server {
  const { host, port } = address;
  const options = {
    ...tls,
    port,
    signal,
    onListen: () => {},
    onError: () => refuse(500, "The program failed to answer this request."),
  };
  try {
    if (host !== "") return Deno.serve({ ...options, hostname: host }, handle) as Server;
    return listenEverywhere(options, handle);
  } catch (error) {
    throw new PermanentError(whyNot(error, address), { cause: error });
  }
}

/** On IPv6 and IPv4; where the machine has no IPv6, on IPv4. */
function listenEverywhere(options: Deno.ServeTcpOptions, handle: Handler): Server {
  try {
    return Deno.serve({ ...options, hostname: "::" }, handle);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw error;
    return Deno.serve({ ...options, hostname: "0.0.0.0" }, handle);
  }
}

function whyNot(error: unknown, { host, port }: HttpAddress): string {
  const where = `${hostInUrl(host)}:${port}`;
  const advice = "set HTTP_ADDRESS to another address, or to none for no server";
  if (error instanceof Deno.errors.AddrInUse) {
    return `Cannot serve HTTP on ${where}: another program uses this port; ${advice}`;
  }
  return `Cannot serve HTTP on ${where}: ${errorMessage(error)}; ${advice}`;
}

async function readTls(
  paths: { readonly certPath: string; readonly keyPath: string },
): Promise<{ readonly cert: string; readonly key: string }> {
  const read = async (setting: string, path: string): Promise<string> => {
    try {
      return await Deno.readTextFile(path);
    } catch (cause) {
      throw new PermanentError(`Cannot read ${setting} "${path}": ${errorMessage(cause)}`, {
        cause,
      });
    }
  };
  return {
    cert: await read("HTTP_TLS_CERT", paths.certPath),
    key: await read("HTTP_TLS_KEY", paths.keyPath),
  };
}
