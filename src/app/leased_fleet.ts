import { join } from "node:path";
import type { Config, LakeConfig } from "../config/config.ts";
import { destinationUrl } from "../config/resolve/destination_target.ts";
import type { Fleet } from "../coordinate/fleet.ts";
import type { Member } from "../coordinate/members.ts";
import { LeaseKindGuard } from "../coordinate/objects/lease_kind.ts";
import { createOlderFileMembers } from "../coordinate/objects/older_file_members.ts";
import { replacesByEtag } from "../coordinate/objects/replace_probe.ts";
import { below, type SharedObjects } from "../coordinate/objects/shared_objects.ts";
import { openFleet } from "../coordinate/open_fleet.ts";
import type { Self } from "../coordinate/self.ts";
import { PermanentError } from "../model/errors.ts";
import { encodeName } from "../model/keys/name_encoding.ts";
import { isoTime } from "../support/clock.ts";
import type { AppTools, Resources } from "./adapters.ts";
import { LifeSigns } from "../support/life_sign.ts";
import { meetingPlace, signName } from "./fleet_location.ts";

/**
 * The fleet that an instance runs its streams in. Where leases are shared it takes nothing while others live that keep
 * them in another place.
 *
 * @throws {PermanentError} where the destination was chosen for leases and cannot keep them.
 */
export async function openLeasedFleet(
  config: Config,
  tools: AppTools,
  resources: Resources,
  self: Self,
): Promise<Fleet> {
  const { clock, random, log } = tools;
  const { lock } = config;
  if (lock.kind === "memory") return openFleet({ kind: "memory" }, clock, random);
  const objects = resources.sharedObjects();
  if (!await replacesByEtag(objects, random)) {
    if (lock.kind === "redis") return openFleet(meetingPlace(config, resources), clock, random);
    const refusal = noIfMatch(config);
    if (lock.isChosen) throw new PermanentError(refusal);
    log.warn("This copy shares its streams with no other one", { reason: refusal });
    return openFleet({ kind: "memory" }, clock, random);
  }
  const signs = new LifeSigns(tools.env?.("STATE_DIRECTORY")?.split(":")[0]);
  const sign = await signs.show(signName(self.owner));
  if (sign !== undefined) resources.defer(async () => await sign[Symbol.asyncDispose]());
  const fleet = openFleet(meetingPlace(config, resources, signs), clock, random);
  const guard = guardOf(config, { tools, objects, self });
  return {
    ...fleet,
    elsewhere: () => guard.elsewhere(),
    members: {
      ...fleet.members,
      leave: async (owner) => void await Promise.all([fleet.members.leave(owner), guard.leave()]),
    },
  };
}

/** Where those show themselves to the destination's who keep their leases in Redis. */
const IN_REDIS = "redis/";

function guardOf(
  config: Config,
  { tools: { clock, random }, objects, self }: {
    readonly tools: AppTools;
    readonly objects: SharedObjects;
    readonly self: Self;
  },
): LeaseKindGuard {
  const { ttlMs, refreshIntervalMs: refreshMs } = config.lock;
  const kind = config.lock.kind === "redis" ? "redis" : "destination";
  const membersOf = (shared: SharedObjects) =>
    openFleet({ kind: "objects", objects: shared, refreshMs, areFree: false }, clock, random)
      .members;
  const inRedis = membersOf(below(objects, IN_REDIS));
  const member: Member = {
    ...{ ...self, since: isoTime(clock.wallMs()), streams: [], failed: 0, isLeaving: false },
  };
  return new LeaseKindGuard({
    ...{ kind, objects, self: member, ttlMs, restMs: refreshMs / 2, clock, random },
    ...(kind === "redis"
      ? { others: membersOf(objects), shown: inRedis }
      : { others: inRedis, ...olderOf(config, clock) }),
  });
}

/** Versions before kept leases that were no Redis's beside a state store in a folder. */
function olderOf({ stateStore, pipelineName }: Config, clock: AppTools["clock"]) {
  if (stateStore.kind !== "file") return {};
  const folder = join(stateStore.directory, encodeName(pipelineName), "fleet", "members");
  return { older: createOlderFileMembers(folder, clock) };
}

/** The same for somebody who asks what copies share, where there is nothing. */
export function noMeeting(
  { destination, journal }: Pick<LakeConfig, "destination" | "journal">,
): string {
  return `Cannot see what copies share in ${destinationUrl(journal ?? destination)}: it ignores ` +
    "If-Match, so each copy keeps its leases in its memory; ask one of them with --url, or set " +
    "REDIS_URL here and there to share streams through Redis";
}

/** What a person needs to know where the store cannot keep leases. */
export function noIfMatch(
  { destination, journal }: Pick<Config, "destination" | "journal">,
): string {
  return `Cannot keep leases in ${destinationUrl(journal ?? destination)}: it replaces objects ` +
    "whatever their ETag is (it ignores If-Match), so two copies could run one stream; set " +
    "REDIS_URL to share streams through Redis, or LEASES=memory for one copy alone";
}
