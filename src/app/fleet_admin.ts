import type { LakeConfig } from "../config/config.ts";
import { openFleet } from "../coordinate/open_fleet.ts";
import { createMeeting, type Meeting } from "../coordinate/meeting.ts";
import type { Command } from "./commands.ts";
import { meetingPlace } from "./fleet_location.ts";
import { withResources } from "./adapters.ts";

/** Lets a person see and hold what the instances share. */
export function meet<T>(
  config: LakeConfig,
  command: Command,
  work: (meeting: Meeting) => Promise<T>,
): Promise<T> {
  const { tools: { clock, random, hostName }, signal, reached } = command;
  return withResources(config, command, async (resources) => {
    const fleet = openFleet(meetingPlace(config, resources), clock, random);
    const state = resources.state();
    await fleet.changes();
    reached();
    const who = { owner: `${hostName}-${random.uuid()}`, instance: config.instanceName };
    return await work(createMeeting({ fleet, state, ...who, clock, random, signal }));
  });
}
