import type { LakeConfig } from "../config/config.ts";
import type { MeetingPlace } from "../coordinate/open_fleet.ts";
import type { LifeSigns } from "../support/life_sign.ts";
import type { Resources } from "./adapters.ts";

/** Of an owner, `{hostname}-{uuid}`, what is another one for each start. */
export function signName(owner: string): string {
  return owner.slice(-UUID_CHARACTERS);
}

const UUID_CHARACTERS = 36;

/** Where a pipeline's instances meet. */
export function meetingPlace(
  config: LakeConfig,
  resources: Resources,
  signs?: Pick<LifeSigns, "hasEnded">,
): MeetingPlace {
  const { lock, pipelineName } = config;
  switch (lock.kind) {
    case "redis": {
      const prefix = `{${lock.keyPrefix}:${pipelineName}}`;
      return { kind: "redis", redis: resources.redis(lock.refreshIntervalMs), prefix };
    }
    case "destination": {
      const { refreshIntervalMs: refreshMs } = lock;
      const areFree = (config.journal ?? config.destination).scheme === "file";
      const known = signs && { hasEnded: (owner: string) => signs.hasEnded(signName(owner)) };
      return { kind: "objects", objects: resources.sharedObjects(), refreshMs, areFree, ...known };
    }
    case "memory":
      return { kind: "memory" };
  }
}
