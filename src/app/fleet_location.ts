import { join } from "node:path";
import type { LakeConfig } from "../config/config.ts";
import type { MeetingPlace } from "../coordinate/open_fleet.ts";
import { encodeName } from "../model/keys/name_encoding.ts";
import type { Resources } from "./adapters.ts";

/** Where a pipeline's instances meet. */
export function meetingPlace(config: LakeConfig, resources: Resources): MeetingPlace {
  const { lock, pipelineName, stateStore } = config;
  if (lock.kind === "redis") {
    const prefix = `{${lock.keyPrefix}:${pipelineName}}`;
    return { kind: "redis", redis: resources.redis(lock.refreshIntervalMs), prefix };
  }
  if (lock.kind === "file" && stateStore.kind === "file") {
    return { kind: "file", folder: join(stateStore.directory, encodeName(pipelineName), "fleet") };
  }
  return { kind: "memory" };
}
