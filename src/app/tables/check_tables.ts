import type { Config } from "../../config/config.ts";
import type { OpenDestination } from "../../destination/open_destination.ts";
import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { TableFormat } from "../../model/table_format.ts";
import type { Finding } from "../../support/check_result.ts";
import { textOf } from "../../table/table_log.ts";
import { placeOf } from "./table_place.ts";

/** So many collections without a table are named. */
const NAMED_MAX = 3;

const subject = "Tables";

/** In folders of the names that logs have, for rights may be given by those. What cannot be deleted stays, once. */
const PROBED_KEYS: Readonly<Record<TableFormat, string>> = {
  delta: "_tributary/tables/_delta_log/check",
  iceberg: "_tributary/tables/metadata/check",
};

const KINDS: Readonly<Record<TableFormat, string>> = { delta: "a Delta", iceberg: "an Iceberg" };

/** What stands in the way of tables: folders, and the right to delete. Leaves nothing behind where it has that. */
export async function checkTables(
  { keyRule, watch, tables, tableRetentionMs }:
    & Pick<Config, "keyRule" | "watch" | "tables">
    & Pick<Config, "tableRetentionMs">,
  destination: Pick<OpenDestination, "replace" | "remove">,
): Promise<readonly Finding[]> {
  const any = placeOf(keyRule, { database: "a", collection: "a" });
  if ("refusal" in any) {
    return [{ subject, state: "warning", text: `there can be none: ${any.refusal}` }];
  }
  const named = watch.level === "collection" ? watch.collections : [];
  const without = named.filter((name) => "refusal" in placeOf(keyRule, name)).map(textOf);
  const found: Finding[] = [];
  if (without.length > 0) {
    const more = without.length > NAMED_MAX ? ` and ${without.length - NAMED_MAX} more` : "";
    const text = `${without.slice(0, NAMED_MAX).join(", ")}${more} can have none: a "%" in the ` +
      "folder's name is taken by readers for another letter; KEY_STRATEGY=hive-plain writes it otherwise from then on";
    found.push({ subject, state: "warning", text });
  }
  for (const format of tables) found.push(await checkDeleting(destination, format));
  if (tableRetentionMs !== undefined) found.push(await checkRetention(destination));
  return found;
}

/** What is deleted has this extension, and lies anywhere. */
const PROBED_OBJECT = "_tributary/tables/check.parquet";

async function checkRetention(
  destination: Pick<OpenDestination, "replace" | "remove">,
): Promise<Finding> {
  const fault = await deletingFault(destination, PROBED_OBJECT);
  const text = fault === undefined
    ? "objects that were joined are deleted (TABLE_RETENTION): globs such as " +
      "`year=*/**/*.parquet` miss their rows then, and only tables have all; older versions of tributary call them missing"
    : `TABLE_RETENTION deletes nothing, for objects cannot be deleted: ${fault}`;
  return { subject, state: "warning", text };
}

async function checkDeleting(
  destination: Pick<OpenDestination, "replace" | "remove">,
  format: TableFormat,
): Promise<Finding> {
  const kind = KINDS[format];
  const fault = await deletingFault(destination, PROBED_KEYS[format]);
  if (fault === undefined) {
    return { subject, state: "ok", text: `each collection becomes ${kind} table in its folder` };
  }
  const text = `old files of ${kind.split(" ")[1]} tables cannot be deleted, and stay: ${fault}`;
  return { subject, state: "warning", text };
}

/** Why what was written under a key cannot be deleted; undefined where it can. */
async function deletingFault(
  destination: Pick<OpenDestination, "replace" | "remove">,
  key: string,
): Promise<string | undefined> {
  await destination.replace(key, new Uint8Array([1]));
  try {
    await destination.remove(key);
    return undefined;
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return errorMessage(error);
  }
}
