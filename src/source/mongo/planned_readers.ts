import { errorMessage } from "../../model/errors.ts";
import { positionAt } from "../../model/position.ts";
import type { StreamSettings } from "../../model/settings.ts";
import { type Stream, streamName } from "../../model/stream.ts";
import type { EventCursor, OpenRequest } from "../../pipeline/ports.ts";
import { mapLimited } from "../../support/flow/limited.ts";
import type { GroupSource } from "../shared/group_source.ts";
import { type WhyAlone, whyNeverShared } from "../shared/why_alone.ts";

/** A change stream that an instance with all of these streams would open; where they cannot share one, one for each. */
export interface PlannedReader {
  /** Of one for each: what each is opened on. */
  readonly form: "collection" | "database" | "deployment";
  readonly streams: readonly Stream[];
  /** Why there is one for each; undefined where there is one for all. */
  readonly alone?: WhyAlone;
}

/** What was found by opening streams as a run does. */
export interface TriedStreams {
  readonly readers: readonly PlannedReader[];
  /** By the stream's name, the one sentence that says why it cannot be opened. */
  readonly faults: ReadonlyMap<string, string>;
}

/** Streams opened side by side: an idle one takes a second to answer. */
const STREAMS_IN_FLIGHT_MAX = 16;

type CollectionStream = Extract<Stream, { readonly level: "collection" }>;

export interface StreamsToTry {
  readonly streams: readonly Stream[];
  readonly settings: StreamSettings;
  /** Into how many streams each collection is to be divided; left out: one. */
  readonly partitions?: number;
}

/** Opens streams as a run with these settings would: as many as can be by one change stream. Each is read once and closed. */
export async function tryStreams(
  source: GroupSource,
  { streams, settings, partitions = 1 }: StreamsToTry,
  signal: AbortSignal,
): Promise<TriedStreams> {
  const { operationTime } = await source.describe(signal);
  const request = { from: positionAt(operationTime), settings, images: "as-set" } as const;
  const trial = new Trial(source, request, signal);
  const apart = Map.groupBy(streams, (stream) => {
    const isDivided = stream.level === "collection" && partitions > 1;
    return isDivided ? "partition" : whyNeverShared({ stream, settings });
  });
  for (const [alone, of] of apart) {
    if (alone !== undefined) await trial.each(of, alone);
    else await trial.together(of as readonly CollectionStream[]);
  }
  return trial;
}

class Trial implements TriedStreams {
  readonly readers: PlannedReader[] = [];
  readonly faults = new Map<string, string>();
  readonly #source: GroupSource;
  readonly #request: Omit<OpenRequest, "stream">;
  readonly #signal: AbortSignal;

  constructor(source: GroupSource, request: Omit<OpenRequest, "stream">, signal: AbortSignal) {
    this.#source = source;
    this.#request = request;
    this.#signal = signal;
  }

  /** One change stream for each. */
  async each(streams: readonly Stream[], alone?: WhyAlone): Promise<void> {
    await mapLimited(streams, STREAMS_IN_FLIGHT_MAX, async (stream) => {
      const fault = await this.#faultOf(stream);
      if (fault !== undefined) this.faults.set(streamName(stream), fault);
    });
    const good = this.#good(streams);
    for (const [form, of] of Map.groupBy(good, ({ level }) => level)) {
      this.readers.push({ form, streams: of, ...(alone === undefined ? {} : { alone }) });
    }
  }

  /** One for all, else one for each database, else one for each. */
  async together(streams: readonly CollectionStream[]): Promise<void> {
    const [only, ...others] = streams;
    if (only !== undefined && others.length === 0) return await this.each([only]);
    const requests = streams.map((stream) => ({ ...this.#request, stream }));
    const refused = await this.#source.admit(requests, this.#signal);
    for (const [i, fault] of refused.entries()) {
      if (fault !== undefined) this.faults.set(streamName(streams[i]!), errorMessage(fault));
    }
    const good = this.#good(streams);
    const databases = [...Map.groupBy(good, ({ database }) => database).values()];
    if (databases.length > 1) {
      const opened = await this.#open(good);
      if (opened === "opened") return void this.readers.push({ form: "deployment", streams: good });
      if (opened === "failed") return await this.each(good, "failed");
    }
    for (const of of databases) await this.#ofDatabase(of);
  }

  async #ofDatabase(streams: readonly CollectionStream[]): Promise<void> {
    const [first, ...others] = streams;
    if (others.length === 0) return await this.each(streams);
    const opened = await this.#open(streams, first!.database);
    if (opened === "opened") this.readers.push({ form: "database", streams });
    else await this.each(streams, opened === "denied" ? "rights" : "failed");
  }

  /** Opens one for all of these. Where that fails but for the user's rights, each of them is to say what is wrong. */
  async #open(
    names: readonly CollectionStream[],
    database?: string,
  ): Promise<"opened" | "denied" | "failed"> {
    const { from, settings } = this.#request;
    const of = database === undefined ? {} : { database };
    try {
      const cursor = await this.#source.openGroup({ ...of, names, from, settings }, this.#signal);
      if (cursor === undefined) return "denied";
      await readOnce(cursor);
      return "opened";
    } catch {
      this.#signal.throwIfAborted();
      return "failed";
    }
  }

  async #faultOf(stream: Stream): Promise<string | undefined> {
    try {
      const request = { ...this.#request, stream };
      await readOnce(await this.#source.open(request, this.#signal));
      return undefined;
    } catch (error) {
      this.#signal.throwIfAborted();
      return errorMessage(error);
    }
  }

  #good<S extends Stream>(streams: readonly S[]): S[] {
    return streams.filter((stream) => !this.faults.has(streamName(stream)));
  }
}

/** Stages are parsed when the stream is opened; some faults show with the first reply only. */
async function readOnce(cursor: EventCursor): Promise<void> {
  try {
    await cursor.next(1);
  } finally {
    await cursor.close();
  }
}
