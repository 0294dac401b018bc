import { eventSummary, summaryText } from "../bson/event_summary.ts";
import type { SourceConfig } from "../config/config.ts";
import { streamSettings } from "../config/stream_settings.ts";
import { ENCODER_VERSION } from "../model/columns.ts";
import { createInlineEncoder } from "../encode/inline_encoder.ts";
import type { StreamSettings } from "../model/settings.ts";
import type { Stream } from "../model/stream.ts";
import type { Point } from "../model/start_from.ts";
import { resolvePoint } from "../operate/point.ts";
import { tapStream } from "../operate/tap_stream.ts";
import type { Command } from "./commands.ts";
import { openSource } from "./adapters.ts";

/** Collections that are read side by side; more of them are one stream, which needs more rights. */
const STREAMS_MAX = 16;

/** Rows are shown as they are, and in no folder. */
const NO_FOLDERS = { template: "", bucket: "none" } as const;

export interface TapChoice {
  readonly from: Point;
  /** Events at most. Absent: no limit. */
  readonly count?: number;
  /** So long at most. Absent: until told to stop. */
  readonly timeoutMs?: number;
  /** Told when so much time has passed and nothing has come. */
  readonly patienceMs: number;
}

export interface TapNews {
  /** Lines of JSON. */
  rows(text: string): void;
  /** Of an event, in a few words, and why. */
  deadLetter(event: string, reason: string): void;
  /** Nothing has come so far of these streams; `isReading`: MongoDB gives them, and nothing has changed. */
  quiet(streams: readonly Stream[], isReading: boolean): void;
}

/** What has come. */
export interface Tapped {
  readonly events: number;
  readonly streams: readonly Stream[];
  /** MongoDB gives all of them: where nothing came, nothing has changed. */
  readonly isReading: boolean;
}

/** Reads what the settings watch, from now on or from a point, and tells what would become of it. */
export async function tap(
  config: SourceConfig,
  { tools, signal, reached }: Command,
  choice: TapChoice,
  news: TapNews,
): Promise<Tapped> {
  const source = openSource(config.mongodbUri, tools);
  const { clock } = tools;
  const ending = new AbortController();
  const ended = AbortSignal.any([signal, ending.signal]);
  const { count = Infinity, timeoutMs, patienceMs } = choice;
  let events = 0;
  let opened = 0;
  const targets = targetsOf(config);
  const streams = targets.map(({ stream }) => stream);
  const isReading = () => opened === targets.length;
  const stop = () => ending.abort(new DOMException("Enough was seen", "AbortError"));
  const timers = [
    clock.after(patienceMs, () => {
      if (events === 0 && !ended.aborted) news.quiet(streams, isReading());
    }),
    ...timeoutMs === undefined ? [] : [clock.after(timeoutMs, stop)],
  ];
  const text = new TextDecoder();
  try {
    await source.describe(ended);
    reached();
    await Promise.all(targets.map(async ({ stream, settings }) => {
      const from = await resolvePoint({ source, settings, signal: ended }, stream, choice.from);
      await tapStream(
        {
          ...{ source, settings, signal: ended, encoder: createInlineEncoder(clock) },
          opened: () => void opened++,
          left: () => count - events,
          take: (more) => {
            const taken = Math.min(more, count - events);
            events += taken;
            return taken;
          },
          rows: (bytes) => news.rows(text.decode(bytes)),
          deadLetter: ({ event, reason }) =>
            news.deadLetter(summaryText(eventSummary(event)), reason),
        },
        stream,
        from,
      );
      // One has seen the last that was wanted: the others need not wait.
      stop();
    }));
  } catch (error) {
    if (!ended.aborted) throw error;
  } finally {
    stop();
    for (const timer of timers) timer.cancel();
    await source.close();
  }
  return { events, streams, isReading: isReading() };
}

interface Target {
  readonly stream: Stream;
  readonly settings: StreamSettings;
}

/** What is to be opened: as few change streams as there can be, for the user need not have more rights than a run. */
export function targetsOf(config: SourceConfig): Target[] {
  const settings: StreamSettings = {
    ...streamSettings({ ...config, keyRule: NO_FOLDERS }, ENCODER_VERSION),
    encoding: { format: "jsonl", compression: "none", jsonMode: config.encoding.jsonMode },
  };
  const { watch } = config;
  if (watch.level === "deployment") return [{ stream: { level: "deployment" }, settings }];
  if (watch.level === "database") {
    return [{ stream: { level: "database", database: watch.database }, settings }];
  }
  const { collections, filter, listing } = watch;
  if (!listing && collections.length <= STREAMS_MAX) {
    return collections.map((each) => ({ stream: { level: "collection", ...each }, settings }));
  }
  const databases = new Set(filter.include.map((pattern) => pattern.split(".")[0]!));
  const [database = "*"] = databases;
  const stream: Stream = databases.size === 1 && !database.includes("*")
    ? { level: "database", database }
    : { level: "deployment" };
  return [{ stream, settings: { ...settings, namespaces: filter } }];
}
