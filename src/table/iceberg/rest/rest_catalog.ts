import { TableFault, type TableName, textOf } from "../../table_log.ts";
import type { Catalog, LoadedTable, NewTable, TableChange, TableMetadata } from "../catalog.ts";
import { readMetadata } from "../read_metadata.ts";
import { type CatalogName, catalogName } from "../catalog_names.ts";
import type { RestClient } from "./rest_client.ts";

export interface RestCatalogOptions {
  /** Which of the server's catalogs; absent: it has one, or knows. */
  readonly warehouse?: string;
  /** As `catalogName` takes it. */
  readonly namespace: string;
}

/** What the catalog says of itself. */
interface Server {
  /** What stands in front of each path behind `/v1`; empty, or with a slash in front. */
  readonly prefix: string;
  /** Between the levels of a namespace in a path, as it is written there. */
  readonly separator: string;
}

const SEPARATOR = "%1F";

const PROBED_SCHEMA = {
  type: "struct",
  "schema-id": 0,
  fields: [{ id: 1, name: "operation", required: false, type: "string" }],
};

/** No table has it. */
const NEVER_MET = { type: "assert-table-uuid", uuid: "00000000-0000-0000-0000-000000000000" };

/** A catalog behind Iceberg's REST protocol. */
export class RestCatalog implements Catalog {
  readonly #client: RestClient;
  readonly #options: RestCatalogOptions;
  #server: Promise<Server> | undefined;

  constructor(client: RestClient, options: RestCatalogOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Asks the catalog about itself. Throws as `load`. */
  async open(): Promise<void> {
    await this.#about();
  }

  async load(name: TableName): Promise<LoadedTable | undefined> {
    const action = `load the table of ${textOf(name)}`;
    const path = await this.#pathOf(this.#nameOf(name));
    const { status, body } = await this.#client.call({
      ...{ action, method: "GET", path },
      expected: [404],
    });
    return status === 404 ? undefined : loadedTable(name, body, action);
  }

  async create(
    name: TableName,
    { location, schema, properties }: NewTable,
  ): Promise<LoadedTable | "conflict" | "unknown"> {
    const { namespace, table } = this.#nameOf(name);
    const action = `create the table of ${textOf(name)}`;
    const call = {
      ...{ action, method: "POST" as const, path: await this.#pathOf({ namespace }) + "/tables" },
      body: {
        ...{ name: table, location, schema },
        "stage-create": false,
        properties: { "format-version": "2", ...properties },
      },
    };
    let answer = await this.#client.change({ ...call, expected: [404, 409] });
    if (answer !== "unknown" && answer.status === 404) {
      await this.#createNamespace(namespace);
      answer = await this.#client.change({ ...call, expected: [409] });
    }
    if (answer === "unknown") return "unknown";
    return answer.status === 409 ? "conflict" : loadedTable(name, answer.body, action);
  }

  async commit(
    { name }: LoadedTable,
    { requirements, updates }: TableChange,
  ): Promise<LoadedTable | "conflict" | "unknown"> {
    const { namespace, table } = this.#nameOf(name);
    const action = `commit to the table of ${textOf(name)}`;
    const answer = await this.#client.change({
      ...{ action, method: "POST", path: await this.#pathOf({ namespace, table }) },
      body: { identifier: { namespace, name: table }, requirements, updates },
      // A table that is gone is not the one that was required.
      expected: [404, 409],
    });
    if (answer === "unknown") return "unknown";
    if (answer.status !== 200) return "conflict";
    return loadedTable(name, answer.body, action);
  }

  /**
   * Finds out whether a table may be created, or committed to if it is there, and changes nothing. "no-namespace": it would
   * have to be created first. Throws as `load`.
   */
  async rehearse(name: TableName, location: string): Promise<"ready" | "no-namespace"> {
    const there = await this.load(name);
    const { namespace, table } = this.#nameOf(name);
    const path = await this.#pathOf({ namespace, ...there === undefined ? {} : { table } });
    const identifier = { namespace, name: table };
    const { status } = await this.#client.call({
      ...{ action: `write the table of ${textOf(name)}`, method: "POST" as const },
      ...there === undefined
        ? {
          path: `${path}/tables`,
          body: { name: table, location, schema: PROBED_SCHEMA, "stage-create": true },
          expected: [404],
        }
        : {
          path,
          body: { identifier, requirements: [NEVER_MET], updates: [] },
          expected: [409],
        },
    });
    return status === 404 ? "no-namespace" : "ready";
  }

  async drop(name: TableName): Promise<void> {
    const path = await this.#pathOf(this.#nameOf(name));
    await this.#client.call({
      ...{ action: `drop the table of ${textOf(name)}`, method: "DELETE" },
      path: `${path}?purgeRequested=false`,
      expected: [404],
    });
  }

  #nameOf(name: TableName): CatalogName {
    return catalogName(this.#options.namespace, name);
  }

  /** Level by level, each unless it is there. */
  async #createNamespace(namespace: readonly string[]): Promise<void> {
    const path = await this.#namespaces();
    for (let depth = 1; depth <= namespace.length; depth++) {
      const levels = namespace.slice(0, depth);
      await this.#client.call({
        ...{ action: `create the namespace ${levels.join(".")}`, method: "POST", path },
        body: { namespace: levels, properties: {} },
        expected: [409],
      });
    }
  }

  async #pathOf(
    { namespace, table }: { readonly namespace: readonly string[]; readonly table?: string },
  ): Promise<string> {
    const { separator } = await this.#about();
    const levels = namespace.map(encodeURIComponent).join(separator);
    const path = `${await this.#namespaces()}/${levels}`;
    return table === undefined ? path : `${path}/tables/${encodeURIComponent(table)}`;
  }

  async #namespaces(): Promise<string> {
    return `/v1${(await this.#about()).prefix}/namespaces`;
  }

  /** Asked once; again where it was not answered. */
  #about(): Promise<Server> {
    this.#server ??= this.#askAbout().catch((error) => {
      this.#server = undefined;
      throw error;
    });
    return this.#server;
  }

  async #askAbout(): Promise<Server> {
    const { warehouse } = this.#options;
    const query = warehouse === undefined ? "" : `?warehouse=${encodeURIComponent(warehouse)}`;
    const action = "read the configuration";
    const { body } = await this.#client.call({ action, method: "GET", path: `/v1/config${query}` });
    if (typeof body !== "object" || body === null || !("defaults" in body || "overrides" in body)) {
      throw unreadable(action, "set ICEBERG_CATALOG to the address before /v1");
    }
    const { defaults, overrides } = body as Record<string, Record<string, unknown> | undefined>;
    const valueOf = (key: string) => {
      const value = overrides?.[key] ?? defaults?.[key];
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    const prefix = valueOf("prefix");
    return {
      prefix: prefix === undefined ? "" : `/${prefix}`,
      separator: valueOf("namespace-separator") ?? SEPARATOR,
    };
  }
}

function loadedTable(name: TableName, body: unknown, action: string): LoadedTable {
  const answer = body as Record<string, unknown> | null | undefined;
  const metadataUrl = answer?.["metadata-location"];
  const url = typeof metadataUrl === "string" ? { metadataUrl } : {};
  return { name, metadata: metadataIn(answer?.["metadata"], action), ...url };
}

function metadataIn(value: unknown, action: string): TableMetadata {
  try {
    const metadata = readMetadata(value);
    if (typeof metadata.location === "string") return metadata;
  } catch {
    // Neither is it one.
  }
  throw unreadable(action, "ask whoever runs it");
}

function unreadable(action: string, next: string): TableFault {
  return new TableFault(
    `Cannot ${action}: the answer is not that of an Iceberg catalog; ${next}`,
    { refuses: true },
  );
}
