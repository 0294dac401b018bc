import { PermanentError, TransientError } from "../../../model/errors.ts";
import { redactAll } from "../../../support/redact.ts";
import type { Clock } from "../../../support/clock.ts";
import { TableFault } from "../../table_log.ts";
import { type Exchange, hostOf, type HttpAnswer, waitText } from "./http_exchange.ts";
import type { Login } from "./login.ts";

export interface OAuth2Options {
  /** The address of the token endpoint. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

/** A token is not used in the last part of its life, or it could end on its way. */
const LEFT_SHARE_MIN = 0.2;
const LEFT_MS_MAX = 60_000;

/** What a token without an end is taken to have. */
const LIFE_MS = 3_600_000;

const REASON_LENGTH_MAX = 200;

interface Token {
  readonly text: string;
  readonly untilMs: number;
}

/** Tokens for a client id and its secret (OAuth2 client credentials), got anew before they end and where they are refused. */
export class OAuth2Login implements Login {
  readonly settings = "ICEBERG_CREDENTIAL and ICEBERG_OAUTH2_SCOPE";
  readonly #options: OAuth2Options;
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  #token: Token | undefined;
  #asking: Promise<Token> | undefined;

  constructor(options: OAuth2Options, exchange: Exchange, clock: Clock) {
    this.#options = options;
    this.#exchange = exchange;
    this.#clock = clock;
  }

  get secrets(): readonly string[] {
    const { clientSecret } = this.#options;
    return this.#token === undefined ? [clientSecret] : [clientSecret, this.#token.text];
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    if (this.#token === undefined || this.#clock.monotonicMs() >= this.#token.untilMs) {
      // Whoever comes meanwhile waits for the same token.
      this.#asking ??= this.#ask().finally(() => this.#asking = undefined);
      this.#token = await this.#asking;
    }
    return { authorization: `Bearer ${this.#token.text}` };
  }

  renew(status: number): boolean {
    if (status !== 401) return false;
    this.#token = undefined;
    return true;
  }

  async #ask(): Promise<Token> {
    const { url, clientId, clientSecret, scope } = this.#options;
    const answer = await this.#exchange({
      method: "POST",
      url,
      headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
        scope,
      }).toString(),
    });
    const token = answer.status === 200 ? this.#tokenIn(answer.text) : undefined;
    if (token === undefined) throw this.#fault(answer);
    return token;
  }

  #tokenIn(text: string): Token | undefined {
    let given: { readonly access_token?: unknown; readonly expires_in?: unknown } | null;
    try {
      given = JSON.parse(text);
    } catch {
      // No answer of a token endpoint; the fault says so.
      return undefined;
    }
    if (typeof given?.access_token !== "string" || given.access_token === "") return undefined;
    const seconds = Number(given.expires_in);
    const lifeMs = seconds > 0 ? seconds * 1000 : LIFE_MS;
    const usedMs = lifeMs - Math.min(LEFT_MS_MAX, lifeMs * LEFT_SHARE_MIN);
    return { text: given.access_token, untilMs: this.#clock.monotonicMs() + usedMs };
  }

  #fault(answer: HttpAnswer): PermanentError | TransientError {
    const { status, text } = answer;
    const place = `Cannot get a token from ${hostOf(this.#options.url)}`;
    if (status === 429 || status >= 500) {
      return new TransientError(`${place}: HTTP ${status}${waitText(answer)}`);
    }
    const why = redactAll(text, this.secrets).slice(0, REASON_LENGTH_MAX).replace(/\s+/g, " ");
    if ([400, 401, 403].includes(status)) {
      const next = `check ${this.settings}`;
      return new TableFault(`${place}: HTTP ${status}, ${why}; ${next}`, { refuses: true });
    }
    return new TableFault(
      `${place}: HTTP ${status} and no token; set ICEBERG_OAUTH2_SERVER_URI to the token endpoint`,
      { refuses: true },
    );
  }
}
