import type { Stream } from "../../model/stream.ts";
import type { Finding } from "../../support/check_result.ts";
import type { WhyAlone } from "../shared/why_alone.ts";
import type { PlannedReader } from "./planned_readers.ts";
import type { PreflightFacts } from "./preflight.ts";

/** Databases named at most; the rest is counted. */
const DATABASES_MAX = 3;

/** By how many change streams an instance reads, and why; MongoDB reads its oplog once for each. */
export function judgeReaders(
  { readers, partitions }: Pick<PreflightFacts, "readers" | "partitions">,
): Finding[] {
  const shared = readers.filter(({ alone }) => alone === undefined);
  const findings = judgeShared(shared);
  const apart = Map.groupBy(readers, ({ alone }) => alone);
  for (const [alone, of] of apart) {
    if (alone === undefined) continue;
    findings.push(judgeAlone(alone, of.flatMap(({ streams }) => streams), partitions));
  }
  return findings;
}

function judgeShared(readers: readonly PlannedReader[]): Finding[] {
  if (readers.length === 0) return [];
  const streams = readers.flatMap((reader) => reader.streams);
  const what = `${collections(streams)}: ${plural(readers.length, "change stream")}`;
  const [first, ...others] = readers;
  if (others.length > 0) {
    return [ok(`${what}, one for each database; with the role readAnyDatabase it would be one`)];
  }
  return [ok(first!.form === "deployment" ? `${what} of the deployment` : what)];
}

function judgeAlone(alone: WhyAlone, streams: readonly Stream[], partitions: number): Finding {
  if (alone === "level") {
    return ok(`${streams.map(wholeName).join(", ")}: ${plural(streams.length, "change stream")}`);
  }
  const one = `${collections(streams)}: `;
  if (alone === "partition") {
    const count = plural(streams.length * partitions, "change stream");
    return ok(`${one}${count}, ${partitions} for each; partitions are read by their own`);
  }
  const what = `${one}${plural(streams.length, "change stream")}, one for each`;
  switch (alone) {
    case "own":
      return ok(`${what}, because of READING=own`);
    case "stages":
      return ok(
        `${what}, because stages may change ns, to or operationType, by which events are divided`,
      );
    case "rights":
      return {
        ...ok(
          `${what}, and MongoDB reads its oplog for each: its user may not read the database; ` +
            `grant the role read on ${databases(streams)}`,
        ),
        state: streams.length > 1 ? "warning" : "ok",
      };
    default:
      return { ...ok(`${what}, because one for all of them cannot be read`), state: "warning" };
  }
}

function ok(text: string): Finding {
  return { subject: "Reading", state: "ok", text };
}

function wholeName(stream: Stream): string {
  return stream.level === "deployment" ? "deployment" : `database ${stream.database}`;
}

/** `12 collections of shop`, `12 collections of 3 databases`. */
function collections(streams: readonly Stream[]): string {
  return `${plural(streams.length, "collection")} of ${databases(streams)}`;
}

function databases(streams: readonly Stream[]): string {
  const names = new Set(streams.flatMap((each) => "database" in each ? [each.database] : []));
  return names.size <= DATABASES_MAX ? [...names].join(", ") : `${names.size} databases`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
