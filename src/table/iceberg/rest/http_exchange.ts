import { errorMessage, TransientError } from "../../../model/errors.ts";
import type { Clock } from "../../../support/clock.ts";
import { fetchFault } from "../../../support/fetch_fault.ts";
import { callWithin } from "../../../support/flow/call_within.ts";
import { formatDuration, formatSize } from "../../../support/units.ts";
import { TableFault } from "../../table_log.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs?: number;
  /** Where it says that it is to be found. */
  readonly location?: string;
}

/** Sends a request and hears the whole answer. `TransientError` where there was none: what was asked may be done, or not. */
export type Exchange = (request: HttpRequest) => Promise<HttpAnswer>;

export interface ExchangeParts {
  readonly clock: Clock;
  /** Ends requests under way. */
  readonly signal: AbortSignal;
  /** Default: 30 s. */
  readonly answerMsMax?: number;
  /** Of an answer's body. Default: 64 MiB, a table with tens of thousands of snapshots. */
  readonly answerBytesMax?: number;
}

const ANSWER_MS_MAX = 30_000;
const ANSWER_BYTES_MAX = 64 * 1024 ** 2;

/** By the runtime's `fetch`. Redirects are not followed: credentials are for the address that somebody wrote. */
export function exchangeByFetch(parts: ExchangeParts): Exchange {
  const { clock, signal: stop, answerMsMax = ANSWER_MS_MAX } = parts;
  const bytesMax = parts.answerBytesMax ?? ANSWER_BYTES_MAX;
  return async (request) => {
    try {
      return await callWithin(clock, answerMsMax, stop, async (signal) => {
        const { method, url, headers, body } = request;
        const init = { method, headers, redirect: "manual" as const, signal };
        const response = await fetch(url, body === undefined ? init : { ...init, body });
        return await answerOf(response, url, bytesMax, clock);
      });
    } catch (error) {
      if (error instanceof TableFault) throw error;
      const cause = fetchFault(error);
      const why = errorMessage(cause);
      throw new TransientError(`${hostOf(request.url)} does not answer (${why})`, { cause });
    }
  };
}

async function answerOf(
  response: Response,
  url: string,
  bytesMax: number,
  clock: Clock,
): Promise<HttpAnswer> {
  const text = await textOf(response, url, bytesMax);
  const { status, headers } = response;
  const retryAfterMs = waitOf(headers.get("retry-after"), clock);
  const location = headers.get("location");
  return {
    status,
    text,
    ...retryAfterMs === undefined ? {} : { retryAfterMs },
    ...location === null ? {} : { location },
  };
}

async function textOf({ body }: Response, url: string, bytesMax: number): Promise<string> {
  const decoder = new TextDecoder();
  let [text, bytes] = ["", 0];
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) {
      throw new TableFault(
        `Cannot read the answer of ${hostOf(url)}: it is larger than ${formatSize(bytesMax)}; ` +
          "let snapshots of the table expire",
      );
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** A number of seconds, or a date. */
function waitOf(retryAfter: string | null, clock: Clock): number | undefined {
  if (retryAfter === null) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const atMs = Date.parse(retryAfter);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - clock.wallMs());
}

/** Without what may be secret in a path or a query. */
export function hostOf(url: string): string {
  return new URL(url).origin;
}

/** What a server asks for, in a few words. */
export function waitText({ retryAfterMs }: HttpAnswer): string {
  return retryAfterMs === undefined ? "" : `, to be asked again in ${formatDuration(retryAfterMs)}`;
}
