import type { LakeConfig } from "../config/config.ts";
import type { MeetingPlace } from "../coordinate/open_fleet.ts";
import type { Resources } from "./adapters.ts";

/** Where a pipeline's instances meet. */
export function meetingPlace(config: LakeConfig, resources: Resources): MeetingPlace {
  const { lock, pipelineName } = config;
  switch (lock.kind) {
    case "redis": {
      const prefix = `{${lock.keyPrefix}:${pipelineName}}`;
      return { kind: "redis", redis: resources.redis(lock.refreshIntervalMs), prefix };
    }
    case "destination": {
      const { refreshIntervalMs: refreshMs } = lock;
      const areFree = (config.journal ?? config.destination).scheme === "file";
      return { kind: "objects", objects: resources.sharedObjects(), refreshMs, areFree };
    }
    case "memory":
      return { kind: "memory" };
  }
}
