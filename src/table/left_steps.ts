import { appIdOf, recordMark, type StreamMark } from "./stream_marks.ts";
import { type StreamSteps, tableFault, type TableStep } from "./table_log.ts";

/** The id of the record that a journal has there now; undefined where it has none. */
export type RecordIdOf = (streamKey: string, seq: number) => Promise<string | undefined>;

/** Finds what a table does not have yet, by the places up to which it has come in the journals. */
export class LeftSteps {
  readonly #folder: string;
  readonly #recordId: RecordIdOf;
  /** Places of which the journal was seen to have the same record. */
  readonly #confirmed = new Map<string, number>();

  constructor(folder: string, recordId: RecordIdOf) {
    this.#folder = folder;
    this.#recordId = recordId;
  }

  /** Throws `TableFault` where the journal has another record at the table's place. */
  async behind(
    streams: readonly StreamSteps[],
    markOf: (appId: string) => StreamMark | undefined,
  ): Promise<readonly StreamSteps[]> {
    const left: StreamSteps[] = [];
    for (const stream of streams) {
      const appId = appIdOf(stream.streamKey, stream.lake);
      const mark = markOf(appId);
      if (mark !== undefined) await this.#confirm(stream, appId, mark);
      const steps = stream.steps.filter(({ seq }) => mark === undefined || seq > mark.seq);
      if (steps.length > 0) left.push({ ...stream, steps });
    }
    return left;
  }

  /** They are in the table now. */
  accept(streams: readonly StreamSteps[]): void {
    for (const { streamKey, lake, steps } of streams) {
      this.#confirmed.set(appIdOf(streamKey, lake), steps.at(-1)!.seq);
    }
  }

  /** A journal that has lost its end gives a seq again, and to pass over it would lose a record. */
  async #confirm(
    { streamKey, steps }: StreamSteps,
    appId: string,
    { seq, record }: StreamMark,
  ): Promise<void> {
    if (this.#confirmed.get(appId) === seq) return;
    const step = steps.find((each) => each.seq === seq);
    const id = step?.recordId ?? await this.#recordId(streamKey, seq);
    if (id === undefined || recordMark(id) !== record) {
      const what = id === undefined ? "is not there" : "is another one now";
      throw tableFault(
        this.#folder,
        `it has record ${seq} of the stream ${streamKey}, which ${what} in the journal; make it anew with ` +
          "`tributary table drop` and `tributary table build`",
      );
    }
    this.#confirmed.set(appId, seq);
  }
}

/** As many as one commit takes; a record is never divided, for its seq is what says that the table has it. */
export function firstOf(streams: readonly StreamSteps[], filesMax: number): StreamSteps[] {
  let files = 0;
  const fits = (step: TableStep) => {
    const before = files;
    files += step.files.length + step.gone.length;
    return before === 0 || files <= filesMax;
  };
  const first: StreamSteps[] = [];
  for (const stream of streams) {
    const end = stream.steps.findIndex((step) => !fits(step));
    const steps = end === -1 ? stream.steps : stream.steps.slice(0, end);
    if (steps.length > 0) first.push({ ...stream, steps });
    if (end !== -1) break;
  }
  return first;
}
