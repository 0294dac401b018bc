import type { IcebergCatalogSettings, IcebergLogin } from "../../model/address/iceberg_settings.ts";
import { omitUndefined } from "../omit_undefined.ts";
import type { SettingName } from "../table/schema.ts";
import type { Resolution } from "./resolution.ts";

const LOGINS = ["ICEBERG_TOKEN", "ICEBERG_CREDENTIAL", "ICEBERG_SIGV4"] as const;

/** Of no use without a catalog; what has a default may stand in any file. */
const OF_CATALOG = ["ICEBERG_WAREHOUSE", ...LOGINS, "ICEBERG_OAUTH2_SERVER_URI"] as const;

/** The Iceberg catalog to talk to; undefined where there shall be none, or that cannot be said. */
export function resolveIceberg(resolution: Resolution): IcebergCatalogSettings | undefined {
  const { ICEBERG_CATALOG: address, ICEBERG_WAREHOUSE: warehouse } = resolution.values;
  if (resolution.isBroken("ICEBERG_CATALOG")) return undefined;
  if (address === undefined) {
    forbid(resolution, OF_CATALOG, "It is about a catalog, and ICEBERG_CATALOG is not set.");
    return undefined;
  }
  const url = address.replace(/\/+$/, "");
  const { TABLES: tables } = resolution.values;
  if (!resolution.isBroken("TABLES") && !tables.includes("iceberg")) {
    const problem = `It is told of tables of Iceberg, and TABLES is ${tables}.`;
    resolution.fault("ICEBERG_CATALOG", problem, "Set TABLES=iceberg, or take it away.");
  }
  const login = resolveLogin(resolution, url);
  if (/\/v1$/.test(url)) {
    const next = `Write ${url.replace(/\/v1$/, "")}.`;
    resolution.fault("ICEBERG_CATALOG", "It must be the address before /v1.", next);
    return undefined;
  }
  const namespace = resolution.values.ICEBERG_NAMESPACE;
  return login && omitUndefined({ url, warehouse, namespace, login });
}

function resolveLogin(resolution: Resolution, url: string): IcebergLogin | undefined {
  const { values } = resolution;
  if (resolution.isBroken(...LOGINS)) return undefined;
  const [first, second] = LOGINS.filter((name) => resolution.isGiven(name));
  if (second !== undefined) {
    resolution.fault(second, `It and ${first} are two ways to log in.`, "Take one of them away.");
    return undefined;
  }
  const { ICEBERG_TOKEN: token, ICEBERG_CREDENTIAL: credential } = values;
  if (credential === undefined) {
    forbid(
      resolution,
      ["ICEBERG_OAUTH2_SERVER_URI"],
      "It is about ICEBERG_CREDENTIAL, which is not set.",
    );
  } else {
    const [clientId = "", clientSecret = ""] = split(credential);
    const serverUrl = values.ICEBERG_OAUTH2_SERVER_URI;
    const scope = values.ICEBERG_OAUTH2_SCOPE;
    return omitUndefined({ kind: "oauth2" as const, clientId, clientSecret, serverUrl, scope });
  }
  if (token !== undefined) return { kind: "token", token };
  return resolveSigning(resolution, url);
}

/** AWS's own addresses name the service and the region, in front of whatever their network appends. */
const AWS_HOST = /^https:\/\/(?:[^/]+\.)?(glue|s3tables)\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com/;

function resolveSigning(resolution: Resolution, url: string): IcebergLogin | undefined {
  const { ICEBERG_SIGV4: given, AWS_REGION: ours } = resolution.values;
  const [, ofHost, regionOfHost] = AWS_HOST.exec(url) ?? [];
  const service = given ?? ofHost;
  if (service === undefined) return { kind: "none" };
  const region = regionOfHost ?? ours;
  if (region !== undefined) return { kind: "sigv4", service, region };
  if (!resolution.isBroken("AWS_REGION")) {
    const next = "Set AWS_REGION to that of the catalog.";
    resolution.fault("ICEBERG_SIGV4", "A signature needs a region.", next);
  }
  return undefined;
}

function forbid(resolution: Resolution, names: readonly SettingName[], problem: string): void {
  for (const name of names) {
    if (resolution.isGiven(name)) resolution.fault(name, problem, "Take it away.");
  }
}

/** At the first colon: ids have none. */
function split(credential: string): [string, string] {
  const at = credential.indexOf(":");
  return [credential.slice(0, at), credential.slice(at + 1)];
}
