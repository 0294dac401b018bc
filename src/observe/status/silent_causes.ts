import type { Cause, CauseFacts, CauseInstance, CauseStream } from "./cause_facts.ts";
import { listOf } from "./cause_text.ts";

/** What a cause must say of the streams that it explains; answers with their names. */
type Explain = (streams: readonly CauseStream[]) => string[];

/**
 * Instances that are listed and say nothing: they hang, or are cut off. Their streams look late, and more CPU would not help.
 *
 * @param isLate whether a stream is further behind than it may be
 */
export function aboutSilent(
  { instances, streams }: CauseFacts,
  isLate: (stream: CauseStream) => boolean,
  explain: Explain,
): Cause[] {
  const silent = instances.filter(isSilent);
  if (silent.length === 0) return [];
  const names = silent.map(({ name }) => name);
  const left = streams.filter(({ leftBy, condition }) =>
    leftBy !== undefined && names.includes(leftBy) && condition !== "paused"
  );
  const isAnybodyElse = instances.some((each) => !isSilent(each) && each.state !== "leaving");
  const isBad = left.length > 0 && (!isAnybodyElse || left.some(isLate));
  return [{
    id: "instance-silent",
    severity: isBad ? "critical" : "warning",
    since: silent.map(({ silentSince }) => silentSince).sort()[0]!,
    text: `${listOf(names)} ${names.length === 1 ? "is" : "are"} silent.`,
    next: [...nextOf(silent, left, isAnybodyElse), LOOK].join(" "),
    streams: explain(left),
  }];
}

const LOOK =
  "See whether it hangs, is suspended, or cannot reach the others: its machine, its log.";

function nextOf(
  silent: readonly SilentInstance[],
  left: readonly CauseStream[],
  isAnybodyElse: boolean,
): string[] {
  if (left.length === 0) return [];
  if (!isAnybodyElse) return ["No other instance is there to take its streams: start one."];
  const seconds = Math.ceil(Math.max(...silent.map(({ leaseMsLeft = 0 }) => leaseMsLeft)) / 1000);
  return [`Its streams are taken over when its lease ends, in at most ${seconds} s.`];
}

type SilentInstance = CauseInstance & { readonly silentSince: string };

function isSilent(instance: CauseInstance): instance is SilentInstance {
  return instance.silentSince !== undefined;
}
