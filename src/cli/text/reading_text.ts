import { type StatusReader, WHY_ALONE } from "../../observe/status/reading.ts";
import type { StatusView } from "./status_view.ts";

/** Names shown with a reason; the rest is counted. */
const NAMES_MAX = 3;

/** By how many change streams streams are read, and who is read alone and why; nothing where no instance tells. */
export function readingLines(
  { instances, streams }: Pick<StatusView, "instances" | "streams">,
): string[] {
  const telling = instances.filter((each) => typeof each.changeStreams === "number");
  const changeStreams = telling.reduce((sum, each) => sum + (each.changeStreams ?? 0), 0);
  const ids = new Set(telling.map(({ id }) => id));
  const held = streams.filter(({ owner }) => owner !== null && ids.has(owner));
  const read = `${plural(held.length, "stream is", "streams are")} read by ` +
    plural(changeStreams, "change stream", "change streams");
  const where = telling.length > 1 ? ` on ${telling.length} instances` : "";
  const alone = held.filter(({ reader }) => reader !== undefined && reader.alone !== null);
  const byReason = Map.groupBy(alone, ({ reader }) => reader!.alone!);
  return [
    ...(changeStreams === 0 ? [] : [`${read}${where}.`]),
    ...[...byReason].map(([reason, of]) => {
      const each = of.length === 1 ? "" : "each ";
      const names = listed(of.map(({ name }) => name));
      const who = plural(of.length, "is", "are");
      return `${who} read alone, ${each}because ${WHY_ALONE[reason] ?? reason}: ${names}.`;
    }),
  ];
}

/** In a cell of a table. */
export function readerText(reader: StatusReader | undefined): string {
  if (reader === undefined) return "-";
  if (reader.alone !== null) return `alone: ${reader.alone}`;
  return reader.streams === 1 ? "not shared" : `shared by ${reader.streams}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).join(", ");
  return names.length <= NAMES_MAX ? shown : `${shown} and ${names.length - NAMES_MAX} more`;
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
