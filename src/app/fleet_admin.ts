import type { LakeConfig } from "../config/config.ts";
import { type MeetingPlace, openFleet } from "../coordinate/open_fleet.ts";
import { replacesByEtag } from "../coordinate/objects/replace_probe.ts";
import { PermanentError } from "../model/errors.ts";
import type { Random } from "../support/random.ts";
import { noMeeting } from "./leased_fleet.ts";
import { createMeeting, type Meeting } from "../coordinate/meeting.ts";
import type { Command } from "./commands.ts";
import { meetingPlace } from "./fleet_location.ts";
import { withResources } from "./adapters.ts";

/** What is said of changes where nobody was ever there. */
const NEVER_CHANGED = "0";

/**
 * Nothing there may mean that nothing can be.
 *
 * @throws {PermanentError} where copies cannot meet because the store ignores `If-Match`.
 */
async function assertMeeting(
  { objects, areFree }: Extract<MeetingPlace, { kind: "objects" }>,
  config: LakeConfig,
  random: Random,
): Promise<void> {
  if (areFree) return;
  // Who may only read sees that there is nothing.
  const canMeet = await replacesByEtag(objects, random).catch(() => true);
  if (!canMeet) throw new PermanentError(noMeeting(config));
}

/** Lets a person see and hold what the instances share. */
export function meet<T>(
  config: LakeConfig,
  command: Command,
  work: (meeting: Meeting) => Promise<T>,
): Promise<T> {
  const { tools: { clock, random, hostName }, signal, reached } = command;
  return withResources(config, command, async (resources) => {
    const place = meetingPlace(config, resources);
    const fleet = openFleet(
      place.kind === "objects" ? { ...place, showsByAge: true } : place,
      clock,
      random,
    );
    const state = resources.state();
    const changes = await fleet.changes();
    if (place.kind === "objects" && changes === NEVER_CHANGED) {
      await assertMeeting(place, config, random);
    }
    reached();
    const who = { owner: `${hostName}-${random.uuid()}`, instance: config.instanceName };
    return await work(createMeeting({ fleet, state, ...who, clock, random, signal }));
  });
}
