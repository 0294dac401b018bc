import { TransientError } from "../../../model/errors.ts";
import { type Clock, sleep } from "../../../support/clock.ts";
import { backoffMs } from "../../../support/flow/backoff.ts";
import type { Random } from "../../../support/random.ts";
import { redactAll } from "../../../support/redact.ts";
import { TableFault } from "../../table_log.ts";
import { parseJson, writeJson } from "../exact_json.ts";
import { type Exchange, type HttpAnswer, type HttpRequest, waitText } from "./http_exchange.ts";
import type { Login } from "./login.ts";

export interface RestClientParts {
  /** Without a slash at its end. */
  readonly url: string;
  readonly exchange: Exchange;
  readonly login: Login;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends waits. */
  readonly signal: AbortSignal;
}

export interface RestCall {
  /** Completes "Cannot ...". */
  readonly action: string;
  readonly method: HttpRequest["method"];
  /** Behind the catalog's address. */
  readonly path: string;
  readonly body?: unknown;
  /** Statuses that whoever calls knows what to do with, beside success. */
  readonly expected?: readonly number[];
}

export interface RestAnswer {
  readonly status: number;
  /** Undefined where there is none, or it is not JSON. */
  readonly body: unknown;
}

/** A catalog that asks to be left alone is asked so often, if it does not take longer. */
const TRIES_MAX = 3;
const WAIT_MS_MAX = 10_000;
const BACKOFF = { firstMs: 500, maxMs: 5_000 };

/** An Iceberg catalog as a server to talk to; knows of its answers what is wrong with them, and not what they mean. */
export class RestClient {
  readonly #parts: RestClientParts;

  constructor(parts: RestClientParts) {
    this.#parts = parts;
  }

  /** The answer to a call that may be repeated. Throws `TableFault` and `TransientError`, as a `Catalog`. */
  async call(call: RestCall): Promise<RestAnswer> {
    for (let attempt = 1;; attempt++) {
      const answer = await this.#ask(call);
      const isBusy = answer.status === 429 || answer.status === 503;
      if (!isBusy || attempt === TRIES_MAX || !await this.#wait(answer, attempt)) {
        return this.#judged(call, answer);
      }
    }
  }

  /** The answer to a change; "unknown" where nobody can tell whether it was made. */
  async change(call: RestCall): Promise<RestAnswer | "unknown"> {
    for (let attempt = 1;; attempt++) {
      let answer: HttpAnswer;
      try {
        answer = await this.#ask(call);
      } catch (error) {
        if (error instanceof TransientError) return "unknown";
        throw error;
      }
      // Also 503: some proxies say so of a server that went away with the change in hand.
      if (answer.status >= 500) return "unknown";
      const isBusy = answer.status === 429;
      if (isBusy && attempt < TRIES_MAX && await this.#wait(answer, attempt)) continue;
      const judged = this.#judged(call, answer);
      return judged.status < 300 && judged.body === undefined ? "unknown" : judged;
    }
  }

  async #ask({ method, path, body }: RestCall): Promise<HttpAnswer> {
    const { url, exchange, login } = this.#parts;
    const plain = {
      method,
      url: `${url}${path}`,
      headers: {
        accept: "application/json",
        ...body === undefined ? {} : { "content-type": "application/json" },
      },
      ...body === undefined ? {} : { body: writeJson(body) },
    };
    const send = async () => {
      const headers = { ...plain.headers, ...await login.headers(plain) };
      return await exchange({ ...plain, headers });
    };
    const answer = await send();
    const isRefused = [401, 403, 419].includes(answer.status);
    return isRefused && login.renew(answer.status) ? await send() : answer;
  }

  /** False: it would take too long for somebody who can come again. */
  async #wait({ retryAfterMs }: HttpAnswer, attempt: number): Promise<boolean> {
    const { clock, random, signal } = this.#parts;
    if (retryAfterMs !== undefined && retryAfterMs > WAIT_MS_MAX) return false;
    await sleep(clock, retryAfterMs ?? backoffMs(attempt, BACKOFF, random), signal)
      .catch((cause) => {
        throw new TransientError("The Iceberg catalog is not waited for: all ends", { cause });
      });
    return true;
  }

  #judged(call: RestCall, answer: HttpAnswer): RestAnswer {
    const { status, text } = answer;
    const isFine = status >= 200 && status < 300;
    if (!isFine && call.expected?.includes(status) !== true) throw this.#fault(call, answer);
    try {
      return { status, body: text === "" ? undefined : parseJson(text) };
    } catch {
      // What it means that it is no JSON, the caller knows.
      return { status, body: undefined };
    }
  }

  #fault({ action }: RestCall, answer: HttpAnswer): TableFault | TransientError {
    const { url, login: { secrets, settings } } = this.#parts;
    const { status, location } = answer;
    // A secret that is cut would not be found.
    const reason = redactAll(reasonIn(answer.text), secrets).slice(0, REASON_LENGTH_MAX);
    const said = reason === "" ? `HTTP ${status}` : `HTTP ${status}, ${reason}`;
    const text = (rest: string) =>
      redactAll(`Cannot ${action} in the Iceberg catalog ${url}: ${rest}`, secrets)
        .replace(/\s+/g, " ");
    const refusal = (rest: string) => new TableFault(text(rest), { refuses: true });
    if (status === 429 || status >= 500) {
      return new TransientError(text(`it is away or busy (${said}${waitText(answer)})`));
    }
    if (status >= 300 && status < 400) {
      const to = location === undefined ? "" : ` to ${location}`;
      return refusal(`it sends us elsewhere${to} (${said}); correct ICEBERG_CATALOG`);
    }
    switch (status) {
      case 401:
      case 419:
        return refusal(`it does not know us (${said}); check ${settings}`);
      case 403:
        return refusal(`it denies that (${said}); allow it, or check ${settings}`);
      case 404:
      case 405:
        return refusal(
          `nothing is there (${said}); check ICEBERG_CATALOG, which ends before /v1, and ICEBERG_WAREHOUSE`,
        );
      default:
        return refusal(`it refuses the request (${said})`);
    }
  }
}

const REASON_LENGTH_MAX = 300;

/** What a server says beside the status, by the specification or as AWS does; of a page nothing. */
function reasonIn(text: string): string {
  try {
    const body = JSON.parse(text);
    const { message, type } = body?.error ?? body ?? {};
    const parts = [type, message ?? body?.message ?? body?.Message];
    return parts.filter((part) => typeof part === "string").join(": ");
  } catch {
    return "";
  }
}
