import { chooseStreamKeys, nameOfKey } from "../model/stream_choice.ts";
import type { ActionOutcome, StreamAction } from "../observe/http/http_routes.ts";
import type { Status } from "../observe/status/status.ts";
import type { Fleet } from "../coordinate/fleet.ts";
import type { Clock } from "../support/clock.ts";
import type { SupervisedStream } from "../pipeline/run/supervise_stream.ts";

/** The streams that this instance runs, by key. */
export type RunningStreams = Map<
  string,
  { readonly name: string; readonly supervised: SupervisedStream }
>;

/** The streams that are told to pause, as of the last look. */
export interface PausedStreams {
  readonly names: Map<string, string>;
  /** When the order was noticed, on the wall clock; of those that were paused before this instance began it is not known. */
  readonly sinceMs: Map<string, number>;
  /** Tells the control plane to look again. */
  changed(): void;
}

/** What orders are given to. */
interface Followed {
  readonly fleet: Pick<Fleet, "orders">;
  readonly pauses: PausedStreams;
  readonly running: RunningStreams;
}

/** Takes up what people have ordered since the last look: before each look of the control plane. */
export async function followOrders(
  { fleet, pauses, running, noted, clock, isFirst }: Followed & {
    /** Told of what was noted; often several times of the same. */
    readonly noted: (notes: ReadonlySet<string>) => void;
    readonly clock: Clock;
    /** Whether it was never looked before. */
    readonly isFirst: boolean;
  },
): Promise<void> {
  const { orders } = fleet;
  const [paused, notes, flushes] = await Promise.all([
    orders.paused(),
    orders.notes(),
    orders.takeFlushes([...running.keys()]),
  ]);
  for (const key of paused) {
    if (!isFirst && !pauses.names.has(key)) pauses.sinceMs.set(key, clock.wallMs());
  }
  for (const key of pauses.sinceMs.keys()) if (!paused.has(key)) pauses.sinceMs.delete(key);
  pauses.names.clear();
  for (const key of paused) pauses.names.set(key, nameOfKey(key));
  noted(notes);
  for (const key of flushes) running.get(key)?.supervised.run?.flush();
}

/** Gives an order for the streams that a person means; `known` are all that there are. */
export async function giveOrder(
  { fleet, pauses, running }: Followed,
  known: readonly Pick<Status["streams"][number], "key" | "owner">[],
  action: StreamAction,
  word: string,
): Promise<ActionOutcome> {
  const keys = chooseStreamKeys(known.map(({ key }) => key), word);
  if (keys.length === 0) return "unknown";
  const isRead = (key: string) =>
    running.has(key) || known.some((stream) => stream.key === key && stream.owner !== null);
  if (action === "flush" && !keys.some(isRead)) return "unread";
  for (const key of keys) await fleet.orders[action](key);
  pauses.changed();
  return "done";
}
