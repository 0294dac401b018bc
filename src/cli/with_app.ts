import type { Command } from "../app.ts";
import { errorMessage } from "../model/errors.ts";
import { systemClock } from "../support/clock.ts";
import { silentLog } from "../support/log.ts";
import { systemRandom } from "../support/random.ts";
import { redact } from "../support/redact.ts";
import type { Host } from "./host.ts";
import { EXIT, type ExitCode } from "./verb.ts";

/** The composition root, loaded when a verb needs it: the drivers are heavy. */
export type App = typeof import("../app.ts");

/** What a verb has that meets servers: what fails after `reached` is no failure of the surroundings. */
export interface Surroundings extends Command {
  readonly app: App;
}

/** What the composition root tells of a lake. */
export type LakeView = Parameters<Parameters<App["look"]>[2]>[0];
type Operator = Parameters<Parameters<App["operate"]>[2]>[0];

/** What the composition root tells of a snapshot. */
export type LakeSnapshot = Awaited<
  ReturnType<Parameters<Parameters<App["snapshots"]>[2]>[0]["list"]>
>[number];

/** One of the things that a function of the composition root's lists: a stream's position, a move, an adoption. */
export type Report<F extends keyof (LakeView & Operator)> = Awaited<
  ReturnType<(LakeView & Operator)[F]>
> extends readonly (infer R)[] ? R : never;

/**
 * Does a verb's work among servers. A failure is one sentence on standard error: `EXIT.preflight` before the servers
 * were reached, `EXIT.failed` after.
 */
export async function withSurroundings(
  host: Host,
  work: (surroundings: Surroundings) => Promise<ExitCode>,
): Promise<ExitCode> {
  const [app, { captureLibraryOutput }] = await Promise.all([
    import("../app.ts"),
    import("../observe/log/log_of_libraries.ts"),
  ]);
  // What a verb finds out it says itself.
  using _captured = captureLibraryOutput(silentLog);
  const stop = new AbortController();
  const unlisten = host.onStopSignal((name) => stop.abort(new Error(`Stopped by ${name}`)));
  let isReached = false;
  try {
    return await work({
      app,
      tools: {
        clock: systemClock,
        random: systemRandom,
        log: silentLog,
        hostName: host.machine.hostName,
      },
      signal: stop.signal,
      reached: () => isReached = true,
    });
  } catch (error) {
    host.stderr.write(`tributary: ${redact(errorMessage(error))}\n`);
    return isReached ? EXIT.failed : EXIT.preflight;
  } finally {
    unlisten();
  }
}
