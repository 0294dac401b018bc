/** A pipeline whose instances meet in a temporary folder, and the settings that lead there. */
import { createFolderObjects } from "../../src/coordinate/objects/folder_objects.ts";
import { createObjectFleet } from "../../src/coordinate/objects/object_fleet.ts";
import { type Fleet, POLL_OFTEN } from "../../src/coordinate/fleet.ts";
import { createFileState } from "../../src/state/file_state.ts";
import type { StateStore } from "../../src/pipeline/ports.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { NEVER_OLD } from "./fleets.ts";

export interface FleetFolder extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly fleet: Fleet;
  readonly state: StateStore;
}

export async function fleetFolder(): Promise<FleetFolder> {
  const folder = await Deno.makeTempDir();
  const shared = `${folder}/lake/_tributary/fleet/orders`;
  const objects = createFolderObjects(shared, systemClock, systemRandom);
  return {
    env: {
      DESTINATION: `file://${folder}/lake`,
      PIPELINE_NAME: "orders",
      STATE_STORE: `file://${folder}/state`,
      LEASES: "destination",
      INSTANCE_NAME: "laptop",
    },
    fleet: createObjectFleet({
      ...{ objects, timing: NEVER_OLD, poll: POLL_OFTEN },
      ...{ clock: systemClock, random: systemRandom },
    }),
    state: createFileState(`${folder}/state/orders`, { clock: systemClock }),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
