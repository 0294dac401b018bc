import { awsCredentials } from "../../destination/s3/aws_credentials.ts";
import type { Config, LakeConfig } from "../../config/config.ts";
import { destinationUrl } from "../../config/resolve/destination_target.ts";
import type { IcebergCatalogSettings } from "../../model/address/iceberg_settings.ts";
import type { Finding } from "../../support/check_result.ts";
import { catalogName } from "../../table/iceberg/catalog_names.ts";
import { openRestCatalog } from "../../table/iceberg/rest/open_rest_catalog.ts";
import type { RestCatalog } from "../../table/iceberg/rest/rest_catalog.ts";
import type { AppTools } from "../adapters.ts";

/** Who asks, until when. */
interface Asker {
  readonly tools: Pick<AppTools, "clock" | "random">;
  readonly signal: AbortSignal;
}

/** The Iceberg catalog that the settings name, asked over HTTP. */
export function icebergCatalog(
  settings: IcebergCatalogSettings,
  { tools: { clock, random }, signal }: Asker,
): RestCatalog {
  return openRestCatalog(settings, { clock, random, signal, awsCredentials });
}

export const CATALOG_SUBJECT = "Iceberg catalog";

/** Whether the catalog answers and lets tables be written, tried on one that is watched; changes nothing. */
export async function checkIcebergCatalog(
  { iceberg, watch, destination }:
    & Pick<Config, "watch">
    & Pick<LakeConfig, "iceberg" | "destination">,
  command: Asker,
): Promise<readonly Finding[]> {
  if (iceberg === undefined) return [];
  const [named] = watch.level === "collection" ? watch.collections : [];
  const database = watch.level === "database" ? watch.database : "tributary";
  const name = named ?? { database, collection: "tributary_check" };
  const location = `${destinationUrl(destination)}/_tributary/tables/check`;
  const outcome = await icebergCatalog(iceberg, command).rehearse(name, location);
  const { namespace, table } = catalogName(iceberg.namespace, name);
  const at = [...namespace, table].join(".");
  const text = outcome === "ready"
    ? `${iceberg.url} answers, and lets tables such as ${at} be written`
    : `${iceberg.url} answers; the namespace ${namespace.join(".")} comes with its first table`;
  return [{ subject: CATALOG_SUBJECT, state: "ok", text }];
}
