import { WaitingError } from "../../model/errors.ts";
import type { JournalRecord } from "../../model/record.ts";
import { selectionDifferences, selectionOf, whyNotBoth } from "../../model/selection.ts";
import type { StreamSettings } from "../../model/settings.ts";
import { streamName } from "../../model/stream.ts";
import { formatSeconds } from "../../support/units.ts";
import { isFarewell } from "../record/farewell.ts";
import type { Lease } from "../ports.ts";
import type { StreamContext } from "../stream_context.ts";

/** A writer at work appends at least so often, if anything happens at all and its batches are not older than ours. */
const SILENCE_MS_MIN = 30_000;

/** A batch may be cut late, but hardly twice as late. */
const SILENCE_BATCHES = 2;

/** So many times within another's patience a writer makes itself heard, once it has cut in. */
const BEATS_A_SILENCE = 3;

/**
 * Keeps two writers that select different events from taking turns at one journal: each would advance it over events
 * that the other wants, and nothing would look wrong.
 *
 * A journal's selection is changed only when its last writer is gone: it has said so (`farewell.ts`), or nothing is
 * heard of it for long. Who waited for silence may have cut in on one that had nothing to say; so from then on it is
 * never silent itself, and the other, once it finds out, waits in its turn. One for each stream, for as long as it runs.
 */
export class SelectionGuard {
  #heard: { readonly id: string; readonly atMs: number } | undefined;
  #hasCutIn = false;

  /**
   * To be called before anything of a journal is taken over; `recorded` are the settings in force in it.
   *
   * @throws {WaitingError} while another writer with another selection is, or may be, at work.
   */
  async admit(
    context: StreamContext,
    lease: Lease,
    last: JournalRecord,
    recorded: StreamSettings,
  ): Promise<void> {
    const differences = selectionDifferences(
      selectionOf(recorded),
      selectionOf(context.settings),
    );
    if (differences.length === 0) return;
    const rival = await context.rivalOf?.(context.key);
    if (rival !== undefined) throw new WaitingError(rival);
    if (isFarewell(last) || last.owner === lease.owner) return;
    const patienceMs = patienceOf(context);
    const nowMs = context.clock.monotonicMs();
    if (this.#heard?.id !== last.id) this.#heard = { id: last.id, atMs: nowMs };
    if (nowMs - this.#heard.atMs >= patienceMs) {
      this.#hasCutIn = true;
      return;
    }
    throw new WaitingError(
      `Waiting to run ${
        streamName(context.stream)
      }: ${last.owner} wrote its journal last, with other ` +
        `settings (${
          differences.join(", ")
        }), and has not said that it stopped. If it still runs, ` +
        `stop one of the two or give both the same settings, for ${
          whyNotBoth(differences)
        }; if it ` +
        `is dead, do nothing: this goes on when nothing was heard of it for ${
          formatSeconds(patienceMs)
        }`,
    );
  }

  /** The context for a run: one that is never silent for long, where that matters. */
  contextFor(context: StreamContext): StreamContext {
    if (!this.#hasCutIn) return context;
    const silenceMsMax = SILENCE_MS_MIN / BEATS_A_SILENCE;
    return {
      ...context,
      silenceMsMax,
      get options() {
        return context.options;
      },
    };
  }
}

function patienceOf({ options }: StreamContext): number {
  return Math.max(SILENCE_MS_MIN, SILENCE_BATCHES * options.batchAgeMsMax);
}
