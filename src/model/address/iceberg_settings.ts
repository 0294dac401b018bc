/** An Iceberg catalog that is asked over HTTP, and how tables are named in it. */
export interface IcebergCatalogSettings {
  /** What `/v1/...` is appended to; no slash at its end. */
  readonly url: string;
  /** Which of the server's catalogs; absent: it has one, or knows. */
  readonly warehouse?: string;
  /** Levels separated by dots; `{db}` stands for the database. */
  readonly namespace: string;
  readonly login: IcebergLogin;
}

/** What a catalog is told of who asks. Tokens and secrets are never to be shown. */
export type IcebergLogin =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly token: string }
  | {
    readonly kind: "oauth2";
    readonly clientId: string;
    readonly clientSecret: string;
    /** Where tokens come from; absent: from the catalog itself. */
    readonly serverUrl?: string;
    readonly scope: string;
  }
  /** AWS credentials, by the SDK's own chain. */
  | { readonly kind: "sigv4"; readonly service: string; readonly region: string };
