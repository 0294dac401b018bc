import type { Instruments } from "./instruments.ts";
import type { StreamFacts } from "./stream_board.ts";

/**
 * Shows what the journals of the streams that run here say is lost. Not counted but looked at: a loss of last year is one
 * until somebody accepts it, and a counter that begins with it would show no increase. `labelOf`: streams beyond a limit
 * share a label, and their losses are added up.
 */
export function measureLosses(
  gauges: Instruments["gauges"],
  streams: readonly StreamFacts[],
  labelOf: (stream: string) => string,
): void {
  const shown = [
    gauges.lake_gaps,
    gauges.lake_voided_objects,
    gauges.lake_dead_letters,
    gauges.lake_losses_accepted,
  ];
  for (const gauge of shown) gauge.reset();
  for (const { name, losses } of streams) {
    if (losses === undefined) continue;
    const stream = labelOf(name);
    gauges.lake_gaps.inc({ stream }, losses.gaps);
    gauges.lake_voided_objects.inc({ stream }, losses.voidedObjects);
    gauges.lake_dead_letters.inc({ stream }, losses.deadLetters);
    gauges.lake_losses_accepted.inc({ stream }, losses.acceptedRecords);
  }
}
