/** An Iceberg catalog behind REST, in memory: it checks requirements, applies updates, and can go wrong in each way. */
import { parseJson, writeJson } from "../../src/table/iceberg/exact_json.ts";

/** `lost`: done, and the answer never comes. `slow`: neither, until whoever asks gives up. */
export type CatalogFault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly done?: boolean }
  | "lost"
  | "slow";

export interface FakeCatalogOptions {
  /** What becomes of a request; undefined: nothing goes wrong. */
  readonly fault?: (request: { method: string; path: string; headers: Headers }) =>
    | CatalogFault
    | undefined;
  readonly prefix?: string;
  /** As a person may have made them before. */
  readonly namespaces?: readonly string[];
}

type Json = Record<string, unknown>;
interface Snapshot extends Json {
  "snapshot-id": bigint;
}
export interface FakeTable extends Json {
  snapshots: Snapshot[];
  refs: Record<string, { "snapshot-id": bigint }>;
  properties: Record<string, string>;
}

export interface FakeCatalog extends AsyncDisposable {
  readonly url: string;
  readonly requests: { method: string; path: string }[];
  /** By `namespace/table`. */
  readonly tables: Map<string, FakeTable>;
}

export function startFakeCatalog(options: FakeCatalogOptions = {}): FakeCatalog {
  const tables = new Map<string, FakeTable>();
  const namespaces = new Set(options.namespaces ?? []);
  const requests: { method: string; path: string }[] = [];
  const over = new AbortController();
  const handler = async (request: Request): Promise<Response> => {
    const { pathname: path } = new URL(request.url);
    const { method, headers } = request;
    requests.push({ method, path });
    const text = await request.text();
    const fault = options.fault?.({ method, path, headers });
    const isDone = fault === undefined || fault === "lost" ||
      typeof fault === "object" && fault.done;
    const answer = isDone
      ? answerTo({ tables, namespaces }, { method, path, text, prefix: options.prefix })
      : error(500, "NotDone");
    if (fault === undefined) return answer;
    if (fault === "slow") {
      await new Promise((resolve) => over.signal.addEventListener("abort", resolve));
      return error(503, "TooLate");
    }
    if (fault === "lost") {
      return new Response(new ReadableStream({ start: (to) => to.error("lost") }));
    }
    const { status } = fault;
    const init = { status, headers: fault.headers ?? {} };
    return new Response(writeJson({ error: { message: "as told", type: "Fault" } }), init);
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {}, onError: () => error(500, "Broken") },
    handler,
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    ...{ requests, tables },
    async [Symbol.asyncDispose]() {
      over.abort();
      await server.shutdown();
    },
  };
}

interface Stored {
  readonly tables: Map<string, FakeTable>;
  readonly namespaces: Set<string>;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly text: string;
  readonly prefix: string | undefined;
}

function answerTo({ tables, namespaces }: Stored, { method, path, text, prefix }: Asked): Response {
  if (path === "/v1/config") {
    return json({ defaults: {}, overrides: prefix === undefined ? {} : { prefix } });
  }
  const body = text === "" ? {} : parseJson(text) as Json;
  const base = `/v1${prefix === undefined ? "" : `/${prefix}`}/namespaces`;
  if (path === base) {
    const name = (body.namespace as string[]).join("\x1f");
    if (namespaces.has(name)) return error(409, "AlreadyExistsException");
    namespaces.add(name);
    return json(body);
  }
  const [namespace = "", , table] = path.slice(base.length + 1).split("/").map(decodeURIComponent);
  if (!namespaces.has(namespace)) return error(404, "NoSuchNamespaceException");
  const key = `${namespace}/${table ?? body.name}`;
  const there = tables.get(key);
  if (table === undefined) {
    if (there !== undefined) return error(409, "AlreadyExistsException");
    const made = newTable(body);
    if (body["stage-create"] !== true) tables.set(key, made);
    return loaded(key, made);
  }
  if (there === undefined) return error(404, "NoSuchTableException");
  if (method === "GET") return loaded(key, there);
  if (method === "DELETE") {
    tables.delete(key);
    return new Response(null, { status: 204 });
  }
  const { requirements, updates } = body as { requirements: Json[]; updates: Json[] };
  if (!requirements.every((each) => isMet(there, each))) return error(409, "CommitFailedException");
  const next = structuredClone(there);
  for (const each of updates) apply(next, each);
  tables.set(key, next);
  return loaded(key, next);
}

function newTable({ location, schema, properties }: Json): FakeTable {
  const { "format-version": version, ...rest } = (properties ?? {}) as Record<string, string>;
  return {
    ...{ "format-version": Number(version ?? 2), "table-uuid": crypto.randomUUID(), location },
    ...{ "last-sequence-number": 0n, "last-updated-ms": BigInt(Date.now()) },
    ...{ schemas: [{ ...schema as Json, "schema-id": 0 }], "current-schema-id": 0 },
    "last-column-id": (schema as { fields: unknown[] }).fields.length,
    ...{ "partition-specs": [{ "spec-id": 0, fields: [] }], "default-spec-id": 0 },
    ...{ "last-partition-id": 999, "default-sort-order-id": 0 },
    "sort-orders": [{ "order-id": 0, fields: [] }],
    ...{ "current-snapshot-id": null, snapshots: [], refs: {}, properties: rest },
  };
}

function isMet(table: FakeTable, { type, ...its }: Json): boolean {
  switch (type) {
    case "assert-table-uuid":
      return table["table-uuid"] === its.uuid;
    case "assert-ref-snapshot-id":
      return (table.refs[its.ref as string]?.["snapshot-id"] ?? null) === its["snapshot-id"];
    case "assert-current-schema-id":
      return table["current-schema-id"] === its["current-schema-id"];
    case "assert-default-spec-id":
      return table["default-spec-id"] === its["default-spec-id"];
  }
  throw new Error(`The fake catalog does not know the requirement ${type}`);
}

function apply(table: FakeTable, { action, ...its }: Json): void {
  switch (action) {
    case "add-snapshot": {
      const snapshot = its.snapshot as Snapshot;
      const number = snapshot["sequence-number"] as bigint;
      if (number <= (table["last-sequence-number"] as bigint)) throw new Error("sequence number");
      if (table.snapshots.some((each) => each["snapshot-id"] === snapshot["snapshot-id"])) {
        throw new Error("snapshot id");
      }
      table.snapshots.push(snapshot);
      table["last-sequence-number"] = number;
      return;
    }
    case "set-snapshot-ref": {
      const { "ref-name": name, ...ref } = its as { "ref-name": string } & {
        "snapshot-id": bigint;
      };
      if (!table.snapshots.some((each) => each["snapshot-id"] === ref["snapshot-id"])) {
        throw new Error("no such snapshot");
      }
      table.refs[name] = ref;
      if (name === "main") table["current-snapshot-id"] = ref["snapshot-id"];
      return;
    }
    case "remove-snapshots": {
      const gone = new Set(its["snapshot-ids"] as bigint[]);
      table.snapshots = table.snapshots.filter((each) => !gone.has(each["snapshot-id"]));
      return;
    }
    case "set-properties":
      Object.assign(table.properties, its.updates);
      return;
  }
  throw new Error(`The fake catalog does not know the update ${action}`);
}

function loaded(key: string, table: FakeTable): Response {
  const version = table["last-sequence-number"];
  return json({
    "metadata-location": `s3://fake/${key}/${version}.metadata.json`,
    metadata: table,
  });
}

function json(value: unknown): Response {
  return new Response(writeJson(value), { headers: { "content-type": "application/json" } });
}

function error(status: number, type: string): Response {
  return new Response(
    writeJson({ error: { message: `${type} of the fake`, type, code: status } }),
    {
      status,
    },
  );
}
