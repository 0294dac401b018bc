/** A pipeline whose instances meet in a temporary folder, and the settings that lead there. */
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
  const place = { kind: "file", folder: `${folder}/state/orders/fleet` } as const;
  return {
    env: {
      DESTINATION: `file://${folder}/lake`,
      PIPELINE_NAME: "orders",
      STATE_STORE: `file://${folder}/state`,
      DISTRIBUTED_LOCK_ENABLED: "true",
      INSTANCE_NAME: "laptop",
    },
    fleet: openFleet(place, systemClock, systemRandom),
    state: createFileState(`${folder}/state/orders`, { clock: systemClock }),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
