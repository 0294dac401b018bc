import type { IcebergCatalogSettings } from "../../../model/address/iceberg_settings.ts";
import type { Clock } from "../../../support/clock.ts";
import type { Random } from "../../../support/random.ts";
import { type Exchange, exchangeByFetch } from "./http_exchange.ts";
import { type Login, NO_LOGIN, tokenLogin } from "./login.ts";
import { OAuth2Login } from "./oauth2_login.ts";
import { RestCatalog } from "./rest_catalog.ts";
import { RestClient } from "./rest_client.ts";
import { restingExchange } from "./resting_exchange.ts";
import { sigv4Login, type Sigv4Options } from "./sigv4_login.ts";

export interface RestTools {
  readonly clock: Clock;
  readonly random: Random;
  /** Ends requests and waits. */
  readonly signal: AbortSignal;
  readonly awsCredentials: Sigv4Options["credentials"];
}

/** The catalog that the settings name; nothing is asked yet. */
export function openRestCatalog(settings: IcebergCatalogSettings, tools: RestTools): RestCatalog {
  const { url, warehouse, namespace } = settings;
  const { clock, random, signal } = tools;
  // Each by itself, for who gives tokens may be another server.
  const open = () => restingExchange(exchangeByFetch({ clock, signal }), clock);
  const exchange = open();
  const login = loginOf(settings, open(), tools);
  const client = new RestClient({ url, exchange, login, clock, random, signal });
  return new RestCatalog(client, { namespace, ...warehouse === undefined ? {} : { warehouse } });
}

function loginOf(
  { url, login }: IcebergCatalogSettings,
  exchange: Exchange,
  { clock, awsCredentials }: RestTools,
): Login {
  switch (login.kind) {
    case "none":
      return NO_LOGIN;
    case "token":
      return tokenLogin(login.token);
    case "oauth2": {
      const { clientId, clientSecret, scope, serverUrl = `${url}/v1/oauth/tokens` } = login;
      return new OAuth2Login({ url: serverUrl, clientId, clientSecret, scope }, exchange, clock);
    }
    case "sigv4":
      return sigv4Login({ ...login, credentials: awsCredentials }, clock);
  }
}
