import { text } from "./kinds.ts";
import type { Setting } from "./setting.ts";

/** A URL without a user, which has no place in one. */
const ADDRESS = /^https?:\/\/[^\s/?#@]+(\/[^\s?#@]*)?$/;

/** The Iceberg catalog that is told of tables. */
export const ICEBERG_SETTINGS = {
  ICEBERG_CATALOG: {
    section: "Tables",
    kind: text(ADDRESS, "an address such as https://catalog.example/api/catalog"),
    defaultNote: "none: tables of Iceberg are files alone",
    placeholder: "URL",
    description:
      "The Iceberg REST catalog in which tables are created, without the `/v1` that its paths begin with.",
  },
  ICEBERG_WAREHOUSE: {
    section: "Tables",
    kind: text(/^[\x21-\x7e]{1,1024}$/, "what the catalog calls it, without blanks"),
    defaultNote: "the server's own",
    placeholder: "NAME",
    description:
      "Which of the server's catalogs, where it has several: the name of a catalog or warehouse, the id of an AWS account, an ARN.",
  },
  ICEBERG_NAMESPACE: {
    section: "Tables",
    kind: text(
      /^([a-z0-9_]|\{db\})+(\.([a-z0-9_]|\{db\})+)*$/,
      "small letters, digits, _ and {db}, and dots between levels",
    ),
    default: "{db}",
    placeholder: "NAME",
    description:
      "The namespace of tables, created where it is missing. `{db}` stands for the database, a dot separates levels. Without `{db}` " +
      "the database is in the table's name: `shop_orders`.",
  },
  ICEBERG_TOKEN: {
    section: "Tables",
    kind: text(/^[\x21-\x7e]{1,8192}$/, "printable characters without blanks"),
    secret: "whole",
    defaultNote: "none",
    placeholder: "TOKEN",
    description: "A bearer token for the catalog.",
  },
  ICEBERG_CREDENTIAL: {
    section: "Tables",
    kind: text(/^[^\s:]+:\S+$/, "a client id and its secret, with a colon between them"),
    secret: "whole",
    defaultNote: "none",
    placeholder: "ID:SECRET",
    description: "The id and the secret of an OAuth2 client, for which tokens are got and renewed.",
  },
  ICEBERG_OAUTH2_SERVER_URI: {
    section: "Tables",
    kind: text(ADDRESS, "an address such as https://login.example/realms/lake/token"),
    defaultNote: "`/v1/oauth/tokens` of the catalog",
    placeholder: "URL",
    description: "Where tokens for ICEBERG_CREDENTIAL come from.",
  },
  ICEBERG_OAUTH2_SCOPE: {
    section: "Tables",
    kind: text(/^[\x20-\x7e]{1,1024}$/, "printable characters"),
    default: "catalog",
    placeholder: "SCOPE",
    description: "What tokens for ICEBERG_CREDENTIAL are to be good for.",
  },
  ICEBERG_SIGV4: {
    section: "Tables",
    kind: text(/^[a-z0-9-]{1,64}$/, "the name of an AWS service, such as glue or s3tables"),
    defaultNote: "glue or s3tables, where ICEBERG_CATALOG is AWS's",
    placeholder: "SERVICE",
    description:
      "Requests to the catalog are signed with AWS credentials, for this service. The region is that in the catalog's address, or AWS_REGION.",
  },
} as const satisfies Record<string, Setting>;
