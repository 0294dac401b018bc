/** A pipeline whose instances meet in a temporary folder, and the settings that lead there. */
import { createFolderObjects } from "../../src/coordinate/objects/folder_objects.ts";
import { openFleet } from "../../src/coordinate/open_fleet.ts";
import type { Fleet } from "../../src/coordinate/fleet.ts";
import { createFileState } from "../../src/state/file_state.ts";
import type { StateStore } from "../../src/pipeline/ports.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";

export interface FleetFolder extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly fleet: Fleet;
  readonly state: StateStore;
}

export async function fleetFolder(): Promise<FleetFolder> {
  const folder = await Deno.makeTempDir();
  const shared = `${folder}/lake/_tributary/fleet/orders`;
  const objects = createFolderObjects(shared, systemClock, systemRandom);
  const place = { kind: "objects", objects, refreshMs: 10_000, areFree: true } as const;
  return {
    env: {
      DESTINATION: `file://${folder}/lake`,
      PIPELINE_NAME: "orders",
      STATE_STORE: `file://${folder}/state`,
      LEASES: "destination",
      INSTANCE_NAME: "laptop",
    },
    fleet: openFleet(place, systemClock, systemRandom),
    state: createFileState(`${folder}/state/orders`, { clock: systemClock }),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
