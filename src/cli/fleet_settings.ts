import type { LakeConfig } from "../config/config.ts";
import type { SettingName } from "../config/table/schema.ts";
import type { Host } from "./host.ts";
import { LAKE_SETTINGS } from "./verb.ts";

/** The settings that say where the instances of a pipeline meet. */
export const FLEET_SETTINGS: readonly SettingName[] = [
  ...LAKE_SETTINGS,
  "PIPELINE_NAME",
  "STATE_STORE",
  "REDIS_URL",
  "LEASES",
  "DISTRIBUTED_LOCK_ENABLED",
  "DISTRIBUTED_LOCK_TTL",
  "DISTRIBUTED_LOCK_REFRESH_INTERVAL",
  "DISTRIBUTED_LOCK_RETRY_INTERVAL",
  "DISTRIBUTED_LOCK_KEY",
  "INSTANCE_NAME",
];

/** Whether others can see the leases; says on standard error what to set where they cannot. */
export function isShared({ lock }: LakeConfig, host: Host): boolean {
  if (lock.kind !== "memory") return true;
  host.stderr.write(
    "tributary: Leases are kept in the memory of each instance: set LEASES=destination, or " +
      "REDIS_URL, for all copies\n",
  );
  return false;
}
