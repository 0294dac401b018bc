import { readObjectName } from "../../model/keys/object_name.ts";
import { namesObjects } from "../../model/record.ts";
import type { Journal, LakeStore } from "../../pipeline/ports.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { Random } from "../../support/random.ts";
import { MADE_ANEW, type StreamSteps, tableFault, type TableFile } from "../table_log.ts";
import { type Beginning, type BeginningPart, putBeginning, readBeginning } from "./beginning.ts";
import { chooseCompactions } from "./choose_compactions.ts";
import {
  type CompactionRecord,
  listCompactions,
  readCompaction,
  type RecordStore,
  unlessUnreadable,
} from "./compaction_record.ts";

const READS_IN_FLIGHT_MAX = 16;

/** Of compactions whose inputs are held: those that steps are compared with come mostly one after the other. */
const COMPACTIONS_HELD_MAX = 128;

export interface BegunTableParts {
  /** Where records of compactions lie. */
  readonly records: RecordStore;
  /** Where objects lie. */
  readonly objects: Pick<LakeStore, "head">;
  readonly journal: Pick<Journal, "read">;
  readonly random: Pick<Random, "uuid">;
}

/** What one commit changes of a table, with what it begins with if it is the first one. */
export interface StepsForTable {
  readonly streams: readonly StreamSteps[];
  /** Objects that no step names, for they were joined of others. */
  readonly joined: readonly TableFile[];
  /** What the table must say of itself, if it begins with something. */
  readonly begunWith?: string;
}

/**
 * A table begins with what was joined for others before it, for the small objects may be gone since. Which that was is written down, and the
 * table names it: so whoever brings it further leaves out the same small objects, however far it has come.
 */
export class BegunTable {
  readonly #parts: BegunTableParts;
  readonly #folder: string;
  #known: { readonly id: string; readonly beginning: Beginning } | undefined;
  readonly #inputs = new Map<string, ReadonlySet<string>>();

  constructor(parts: BegunTableParts, folder: string) {
    this.#parts = parts;
    this.#folder = folder;
  }

  /** These steps as the table needs them. `table`: what it says of itself; undefined while it has nothing. */
  async stepsFor(
    table: { readonly begunWith: string | undefined } | undefined,
    streams: readonly StreamSteps[],
  ): Promise<StepsForTable> {
    if (table === undefined) return await this.#first(streams);
    if (table.begunWith === undefined) return { streams, joined: [] };
    return { streams: await this.#next(table.begunWith, streams), joined: [] };
  }

  async #first(streams: readonly StreamSteps[]): Promise<StepsForTable> {
    const usable = await this.#usable();
    if (usable.length === 0) return { streams, joined: [] };
    const id = this.#parts.random.uuid();
    const beginning = { v: 1 as const, compactions: usable.map(({ part }) => part) };
    await putBeginning(this.#parts.records, this.#folder, id, beginning);
    this.#known = { id, beginning };
    const joined = usable.map(({ output }) => output);
    return { streams: await this.#next(id, streams), joined, begunWith: id };
  }

  /** Without what the table has from its beginning. */
  async #next(id: string, streams: readonly StreamSteps[]): Promise<readonly StreamSteps[]> {
    if (this.#known?.id !== id) {
      const beginning = await readBeginning(this.#parts.records, this.#folder, id);
      this.#known = { id, beginning };
    }
    const { compactions } = this.#known.beginning;
    const left: StreamSteps[] = [];
    for (const stream of streams) left.push(await this.#without(compactions, stream));
    return left;
  }

  async #without(
    compactions: readonly BeginningPart[],
    stream: StreamSteps,
  ): Promise<StreamSteps> {
    const { streamKey, steps } = stream;
    const [first, last] = [steps[0]!.seq, steps.at(-1)!.seq];
    const touched = compactions.filter(({ streams }) => {
      const range = streams[streamKey];
      return range !== undefined && range.from <= last && range.to >= first;
    });
    if (touched.length === 0) return stream;
    const inputs = await mapLimited(touched, READS_IN_FLIGHT_MAX, ({ id }) => this.#inputsOf(id));
    const isIn = (path: string) => inputs.some((paths) => paths.has(path));
    const left = steps.map((step) => ({
      ...step,
      files: step.files.filter(({ path }) => !isIn(path)),
    }));
    return { ...stream, steps: left };
  }

  async #inputsOf(id: string): Promise<ReadonlySet<string>> {
    const held = this.#inputs.get(id);
    if (held !== undefined) return held;
    const record = await readCompaction(this.#parts.records, this.#folder, id);
    if (record === undefined) {
      throw tableFault(this.#folder, `the record of its compaction ${id} is gone; ${MADE_ANEW}`);
    }
    const paths = new Set(record.inputs.map(({ path }) => path));
    for (const oldest of this.#inputs.keys()) {
      if (this.#inputs.size < COMPACTIONS_HELD_MAX) break;
      this.#inputs.delete(oldest);
    }
    this.#inputs.set(id, paths);
    return paths;
  }

  /** The compactions that can stand for their inputs, and do not share any. */
  async #usable(): Promise<Usable[]> {
    const { records } = this.#parts;
    const ids = await listCompactions(records, this.#folder);
    const found = await mapLimited(ids, READS_IN_FLIGHT_MAX, (id) => this.#look(id));
    // What is joined is of one time, so others have no input of it.
    const byTime = new Map<string, Usable[]>();
    for (const usable of found) {
      if (usable === undefined) continue;
      const { fromMs, toMs } = usable.output.bounds ?? {};
      const time = `${fromMs}-${toMs}`;
      const same = byTime.get(time);
      if (same === undefined) byTime.set(time, [usable]);
      else same.push(usable);
    }
    const chosen: Usable[] = [];
    for (const group of byTime.values()) chosen.push(...await this.#choose(group));
    return chosen;
  }

  /** Undefined of a compaction whose output is damaged or gone, or of which the journals name other objects by now. */
  async #look(id: string): Promise<Usable | undefined> {
    const record = await this.#read(id);
    if (record === undefined) return undefined;
    const { output } = record;
    const stored = await this.#parts.objects.head(`${this.#folder}/${output.path}`);
    if (stored?.bytes !== output.bytes) return undefined;
    const streams = streamsOf(record);
    for (const [streamKey, { to }] of Object.entries(streams ?? {})) {
      if (!await this.#isNamed(record, streamKey, to)) return undefined;
    }
    return streams && { part: { id, streams }, output };
  }

  /** Whether the journal has the objects of a compaction up to a record: whoever has that one has those before it. */
  async #isNamed({ inputs }: CompactionRecord, streamKey: string, seq: number): Promise<boolean> {
    const record = await this.#parts.journal.read(streamKey, seq);
    if (record === undefined || !namesObjects(record)) return false;
    const keys = new Set(record.objects.map(({ key }) => key));
    return inputs.every(({ path }) => {
      const name = readObjectName(path);
      const isOfRecord = name?.streamKey === streamKey && name.seq === seq;
      return !isOfRecord || keys.has(`${this.#folder}/${path}`);
    });
  }

  /** Of one that cannot be read the small ones stay; whoever compacts says why. */
  #read(id: string): Promise<CompactionRecord | undefined> {
    return unlessUnreadable(() => readCompaction(this.#parts.records, this.#folder, id));
  }

  async #choose(group: readonly Usable[]): Promise<readonly Usable[]> {
    if (group.length < 2) return group;
    const choices = await mapLimited(group, READS_IN_FLIGHT_MAX, async ({ part: { id } }) => {
      const record = await this.#read(id);
      return { id, inputs: record?.inputs.map(({ path }) => path) ?? [] };
    });
    const counts = new Map<string, number>();
    for (const path of choices.flatMap(({ inputs }) => inputs)) {
      counts.set(path, (counts.get(path) ?? 0) + 1);
    }
    const isShared = ({ inputs }: { inputs: readonly string[] }) =>
      inputs.some((path) => counts.get(path)! > 1);
    const gone = new Set<string>();
    const doubtful = new Set(choices.filter(isShared).flatMap(({ inputs }) => inputs));
    await mapLimited([...doubtful], READS_IN_FLIGHT_MAX, async (path) => {
      const stored = await this.#parts.objects.head(`${this.#folder}/${path}`);
      if (stored === undefined) gone.add(path);
    });
    const chosen = chooseCompactions(choices, (path) => gone.has(path)).map(({ id }) => id);
    return group.filter(({ part: { id } }) => chosen.includes(id));
  }
}

interface Usable {
  readonly part: BeginningPart;
  readonly output: TableFile;
}

/** Between which records of which journals the inputs lie; undefined of others than those of journals. */
function streamsOf({ inputs }: CompactionRecord): BeginningPart["streams"] | undefined {
  const streams: Record<string, { from: number; to: number }> = {};
  for (const { path } of inputs) {
    const name = readObjectName(path);
    if (name === undefined) return undefined;
    const { streamKey, seq } = name;
    const known = streams[streamKey];
    streams[streamKey] = {
      from: Math.min(seq, known?.from ?? seq),
      to: Math.max(seq, known?.to ?? seq),
    };
  }
  return streams;
}
