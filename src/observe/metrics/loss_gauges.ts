import type { Instruments } from "./instruments.ts";
import type { KnownLosses } from "../../pipeline/ports.ts";
import type { StreamFacts } from "../status/stream_board.ts";

/** What is lost of a stream that nobody has, or of a selection. */
export interface UnheldLosses {
  readonly key: string;
  readonly name: string;
  readonly losses: Omit<KnownLosses, "seq">;
}

/**
 * Shows what the journals of the streams that run here say is lost, and those that nobody has. Not counted but looked at: a loss of last year is one
 * until somebody accepts it, and a counter that begins with it would show no increase. `labelOf`: streams beyond a limit
 * share a label, and their losses are added up.
 */
export function measureLosses(
  gauges: Instruments["gauges"],
  streams: readonly StreamFacts[],
  unheld: readonly UnheldLosses[],
  labelOf: (stream: string) => string,
): void {
  const shown = [
    gauges.lake_gaps,
    gauges.lake_voided_objects,
    gauges.lake_dead_letters,
    gauges.lake_losses_accepted,
  ];
  for (const gauge of shown) gauge.reset();
  const here = new Set(streams.map(({ key }) => key));
  for (const { name, losses } of [...streams, ...unheld.filter(({ key }) => !here.has(key))]) {
    if (losses === undefined) continue;
    const stream = labelOf(name);
    gauges.lake_gaps.inc({ stream }, losses.gaps);
    gauges.lake_voided_objects.inc({ stream }, losses.voidedObjects);
    gauges.lake_dead_letters.inc({ stream }, losses.deadLetters);
    gauges.lake_losses_accepted.inc({ stream }, losses.acceptedRecords);
  }
}
