import type { Config } from "../../config/config.ts";
import type { OpenDestination } from "../../destination/open_destination.ts";
import { errorMessage, PermanentError } from "../../model/errors.ts";
import type { Finding } from "../../support/check_result.ts";
import { placeOf } from "./table_place.ts";

/** So many collections without a table are named. */
const NAMED_MAX = 3;

const subject = "Tables";

/** In a folder of the name that logs have, for rights may be given by that. Where it cannot be deleted it stays, once. */
const PROBED_KEY = "_tributary/tables/_delta_log/check";

/** What stands in the way of tables: folders, and the right to delete. Leaves nothing behind where it has that. */
export async function checkTables(
  { keyRule, watch }: Pick<Config, "keyRule" | "watch">,
  destination: Pick<OpenDestination, "replace" | "remove">,
): Promise<readonly Finding[]> {
  const any = placeOf(keyRule, { database: "a", collection: "a" });
  if ("refusal" in any) {
    return [{ subject, state: "warning", text: `there can be none: ${any.refusal}` }];
  }
  const named = watch.level === "collection" ? watch.collections : [];
  const without = named.filter((name) => "refusal" in placeOf(keyRule, name))
    .map(({ database, collection }) => `${database}.${collection}`);
  const found: Finding[] = [];
  if (without.length > 0) {
    const more = without.length > NAMED_MAX ? ` and ${without.length - NAMED_MAX} more` : "";
    const text = `${without.slice(0, NAMED_MAX).join(", ")}${more} can have none: a "%" in the ` +
      "folder's name is taken by readers for another letter; KEY_STRATEGY=hive-plain writes it otherwise from then on";
    found.push({ subject, state: "warning", text });
  }
  found.push(await checkDeleting(destination));
  return found;
}

async function checkDeleting(
  destination: Pick<OpenDestination, "replace" | "remove">,
): Promise<Finding> {
  await destination.replace(PROBED_KEY, new Uint8Array([1]));
  try {
    await destination.remove(PROBED_KEY);
    return { subject, state: "ok", text: "each collection becomes a Delta table in its folder" };
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const text = `old entries of their logs cannot be deleted, and stay: ${errorMessage(error)}`;
    return { subject, state: "warning", text };
  }
}
