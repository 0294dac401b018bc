import type { Finding } from "../../support/check_result.ts";
import { judgeReaders } from "./judge_readers.ts";
import type { PreflightFacts } from "./preflight.ts";

/** The major versions that are tested. */
const [MAJOR_MIN, MAJOR_MAX] = [5, 8];

/** With a shorter oplog, a pipeline that stands for a night loses events. */
const WINDOW_HOURS_MIN = 24;

/** S3 refuses signatures that are further off than 15 minutes; a lease is judged by much less. */
const CLOCK_AHEAD_MS_MAX = 5_000;

/** Names shown at most; the rest is counted. */
const NAMES_MAX = 5;

/** What `tributary check` says about MongoDB, in the order of the facts. */
export function judgePreflight(facts: PreflightFacts): Finding[] {
  return [
    judgeVersion(facts),
    ...judgeStreams(facts),
    ...judgeReaders(facts),
    judgeWindow(facts),
    ...judgeImages(facts),
    ...judgeRedactedKeys(facts),
    ...judgeClock(facts),
  ];
}

function judgeVersion({ version, topology, identity }: PreflightFacts): Finding {
  const subject = "MongoDB";
  const major = Number.parseInt(version, 10);
  const { setName } = identity;
  const text = `version ${version}, ${topology}${setName === undefined ? "" : ` ${setName}`}`;
  if (major < MAJOR_MIN) {
    return { subject, state: "failed", text: `${text}; upgrade it to 5.0 or later` };
  }
  if (major > MAJOR_MAX) {
    return { subject, state: "warning", text: `${text}; tributary is tested with 5.0 to 8` };
  }
  return { subject, state: "ok", text };
}

/** A line for those that open, and one for each that does not. */
function judgeStreams({ streams }: PreflightFacts): Finding[] {
  const subject = "Change streams";
  if (streams.length === 0) {
    const text = "there is nothing to watch: no collection fits MONGODB_COLLECTIONS yet";
    return [{ subject, state: "warning", text }];
  }
  const good = streams.filter(({ fault }) => fault === undefined).map(({ stream }) => stream);
  const findings: Finding[] = good.length === 0
    ? []
    : [{ subject, state: "ok", text: `${listed(good)} can be opened` }];
  for (const { fault } of streams) {
    if (fault !== undefined) findings.push({ subject, state: "failed", text: fault });
  }
  return findings;
}

function judgeWindow({ oplogWindowHours: hours, topology }: PreflightFacts): Finding {
  const subject = "Oplog";
  if (hours === undefined) {
    const text = topology === "sharded cluster"
      ? "mongos does not show the oplogs of its shards; look that they reach back 24 hours or more"
      : "its window is unknown, and START_FROM=earliest cannot be used: grant the role `read` on " +
        "the database local";
    return { subject, state: "warning", text };
  }
  const text = `it reaches back ${spanText(hours)}`;
  if (hours >= WINDOW_HOURS_MIN) return { subject, state: "ok", text };
  return {
    subject,
    state: "warning",
    text: `${text}: a pipeline that stands still for longer loses events; make it larger with ` +
      "`replSetResizeOplog` (a young server's oplog may only not be full yet)",
  };
}

function spanText(hours: number): string {
  if (hours < 2) return `${Math.round(hours * 60)} minutes`;
  return hours < 72 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
}

function judgeImages({ withoutImages }: PreflightFacts): Finding[] {
  if (withoutImages.length === 0) return [];
  const [first = ""] = withoutImages;
  const collection = first.slice(first.indexOf(".") + 1);
  return [{
    subject: "Images",
    state: "warning",
    text: `${listed(withoutImages)} keep no images of documents, which FULL_DOCUMENT or ` +
      "FULL_DOCUMENT_BEFORE_CHANGE ask for; run " +
      `\`db.runCommand({collMod: ${
        JSON.stringify(collection)
      }, changeStreamPreAndPostImages: {enabled: true}})\``,
  }];
}

function judgeRedactedKeys({ redactedKeys = [] }: PreflightFacts): Finding[] {
  if (redactedKeys.length === 0) return [];
  return [{
    subject: "REDACT",
    state: "failed",
    text: `it names a part of the shard key of ${listed(redactedKeys)}, which is in every resume ` +
      "token and cannot be removed; take it out of REDACT, or leave the collection out",
  }];
}

function judgeClock({ clockAheadMs }: PreflightFacts): Finding[] {
  if (clockAheadMs === undefined) return [];
  const subject = "Clock";
  if (Math.abs(clockAheadMs) <= CLOCK_AHEAD_MS_MAX) {
    return [{ subject, state: "ok", text: "it agrees with the server's" }];
  }
  const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
  const way = clockAheadMs > 0 ? "behind" : "ahead of";
  const text =
    `this machine is ${seconds} s ${way} the server; let both follow a time server, or ` +
    "lag is shown wrong and S3 may refuse signatures";
  return [{ subject, state: "warning", text }];
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_MAX).join(", ");
  return names.length <= NAMES_MAX ? shown : `${shown} and ${names.length - NAMES_MAX} more`;
}
