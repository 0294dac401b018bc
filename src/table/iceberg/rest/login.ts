import type { HttpRequest } from "./http_exchange.ts";

/** What makes a request that of somebody whom the catalog knows. */
export interface Login {
  /** What to add to the headers of a request. Throws as the catalog does. */
  headers(request: HttpRequest): Promise<Readonly<Record<string, string>>>;
  /** Gets new credentials after a refusal with this status; false: there are no others. */
  renew(status: number): boolean;
  /** What a person looks at where they are refused: completes "check ...". */
  readonly settings: string;
  /** What must not show in what a server says. */
  readonly secrets: readonly string[];
}

/** For a catalog that asks nobody who he is. */
export const NO_LOGIN: Login = {
  headers: () => Promise.resolve({}),
  renew: () => false,
  settings: "ICEBERG_TOKEN, ICEBERG_CREDENTIAL or ICEBERG_SIGV4, of which none is set",
  secrets: [],
};

/** A token that somebody has got from the catalog. */
export function tokenLogin(token: string): Login {
  return {
    headers: () => Promise.resolve({ authorization: `Bearer ${token}` }),
    renew: () => false,
    settings: "ICEBERG_TOKEN",
    secrets: [token],
  };
}
