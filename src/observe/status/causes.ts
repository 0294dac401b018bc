/**
 * Why not all is well, for people: one cause for one fault, the worst first. A service that is away explains all streams that
 * wait for it; what nothing explains is told by itself. Made of plain data, so that whoever knows the streams can ask.
 */
import { isoTime } from "../../support/clock.ts";
import { formatSeconds } from "../../support/units.ts";
import { countOf, LEASES_AWAY, listOf, sentence, streamsOf } from "./cause_text.ts";
import type { Cause, CauseDependency, CauseFacts, CauseStream } from "./cause_facts.ts";
import { HEADROOM_SHARE_MIN, HEADROOM_SHARE_WARN } from "./lag.ts";
import { stepByReason } from "./service_step.ts";
import { withoutStream } from "../without_stream.ts";
import { aboutSilent } from "./silent_causes.ts";

/** A stream goes from one instance to another in less. */
const HAND_OVER_MS = 10_000;

/** Within this time what a service held up is caught up with, or is late for another reason; news are as old at most. */
const CATCH_UP_MS = 15_000;

const CATCHING_UP = "All services answer again, and it is caught up: look once more in a minute.";

/** More causes of one kind are told as one. */
const KINDS_OF_FAILURE_MAX = 5;

const SEVERITIES = ["critical", "warning", "info"] as const;

/** Worst first; empty where all is well. */
export function causesOf(facts: CauseFacts): Cause[] {
  const explained = new Set<CauseStream>();
  const causes = [
    ...aboutInstances(facts),
    ...aboutSilent(
      facts,
      (stream) => isLate(stream, facts),
      (streams) => explain(streams, explained),
    ),
    ...aboutServices(facts, explained),
    ...aboutOplog(facts),
    ...aboutFailures(facts, explained),
    ...aboutFree(facts, explained),
    ...aboutLate(facts, explained),
    ...aboutLosses(facts),
    ...aboutSettings(facts),
    ...aboutPaused(facts),
  ];
  const rank = ({ severity }: Cause) => SEVERITIES.indexOf(severity);
  return causes.sort((a, b) => rank(a) - rank(b));
}

function aboutInstances({ instances, streams }: CauseFacts): Cause[] {
  if (instances.length === 0 && streams.length > 0) {
    return [{
      ...{ id: "no-instance", severity: "critical", since: null },
      text: "No instance is running.",
      next: "Start one, and look at its log if it ends.",
      streams: streams.filter(({ condition }) => condition !== "paused").map(({ name }) => name),
    }];
  }
  const waiting = instances.filter(({ state }) => state === "waiting").map(({ name }) => name);
  if (waiting.length === 0 || streams.some(({ condition }) => condition === "waiting")) return [];
  return [{
    ...{ id: "instance-waits", severity: "warning", since: null },
    text: `${listOf(waiting)} leaves streams to an instance that selects other events.`,
    next: "Bring all instances to the same settings; `tributary status` says what each waits for.",
    streams: [],
  }];
}

/** Between two tries a stream is given back, and free. */
function isTried(condition: string): boolean {
  return condition === "opening" || condition === "waiting" || condition === "free";
}

const SERVICES = {
  mongodb: {
    name: "MongoDB",
    fails: "does not answer",
    failsOne: "does not answer",
    away: "See whether its servers run and can be reached from here: `tributary check`.",
    refuses: "Mend the password or rights of the user: `tributary check` names them. " +
      "A changed MONGODB_URI needs a restart.",
    holdsUp: ({ condition }: CauseStream, isLate: boolean) =>
      isTried(condition) || condition === "running" && isLate,
  },
  destination: {
    name: "The destination",
    fails: "cannot be written",
    failsOne: "cannot be written by",
    away: "See whether the store runs, has room, and can be reached from here: `tributary check`.",
    refuses: "Put working keys where the old ones were, or give the rights on the bucket: " +
      "`tributary check` names them. Keys in environment variables need a restart.",
    holdsUp: ({ condition, bufferedEvents }: CauseStream, isLate: boolean) =>
      isTried(condition) || condition === "running" && (isLate || (bufferedEvents ?? 0) > 0),
  },
  redis: {
    name: "Redis",
    fails: "does not answer",
    failsOne: "does not answer",
    away: "See whether it runs and can be reached from here: `tributary check`.",
    refuses: "Mend the credentials or rights in REDIS_URL: `tributary check` names them.",
    // Of a stream that another instance reads nothing is known here, and it looks late.
    holdsUp: ({ condition }: CauseStream, isLate: boolean) =>
      condition === "free" || condition === "elsewhere" || condition === "running" && isLate,
  },
} as const;

/** Those that are away; what they hold up needs no other explanation. */
function aboutServices(facts: CauseFacts, explained: Set<CauseStream>): Cause[] {
  const causes = facts.dependencies.filter(({ state }) => state === "unhealthy")
    .map((dependency): Cause => {
      const { name, since, reason, refuses = false, failing } = dependency;
      const service = SERVICES[name];
      const held = facts.streams.filter((stream) =>
        (failing === undefined || failing.includes(stream.instance ?? "")) &&
        (service.holdsUp(stream, isLate(stream, facts)) ||
          refuses && name !== "redis" && stream.condition === "failed")
      );
      const verb = refuses ? "refuses" : failing === undefined ? service.fails : service.failsOne;
      const whom = failing === undefined ? "" : ` ${listOf(failing)}`;
      return {
        ...{ id: `${name}-away`, severity: "critical", since },
        ...sentence(`${service.name} ${verb}${whom}`, reason),
        next: stepByReason(name, reason) ?? (refuses ? service.refuses : service.away),
        streams: explain(held, explained),
      };
    });
  return withLeases(causes, facts, explained);
}

/** The leases lie in Redis or in the lake; where that is known to be away, it is the one fault. */
function withLeases(causes: Cause[], facts: CauseFacts, explained: Set<CauseStream>): Cause[] {
  const { leasesAwaySince: since = null, leasesAwayReason: reason = null } = facts;
  if (since === null || causes.some(({ id }) => id === "redis-away")) return causes;
  const isRedis = facts.dependencies.some(({ name }) => name === "redis");
  const held = facts.streams.filter((stream) =>
    SERVICES.redis.holdsUp(stream, false) && !explained.has(stream)
  );
  const streams = explain(held, explained);
  const lake = isRedis ? undefined : causes.find(({ id }) => id === "destination-away");
  if (lake !== undefined) {
    const all = { ...lake, streams: [...lake.streams, ...streams], leasesUnknown: true as const };
    return causes.map((cause) => cause === lake ? all : cause);
  }
  const { text, next } = LEASES_AWAY[isRedis ? "redis" : "lake"];
  const step = stepByReason(isRedis ? "redis" : "destination", reason) ?? next;
  return [...causes, {
    ...{ id: "leases-away", severity: "critical", since, streams, next: step },
    ...sentence(text, reason),
  }];
}

/** Told whatever else is so: what falls out of the oplog is lost. Of what is paused sooner: nothing else brings it back. */
function aboutOplog({ streams, oplogWindowSeconds }: CauseFacts): Cause[] {
  if (oplogWindowSeconds === null) return [];
  const hasLess = (share: number) => ({ oplogHeadroomSeconds: left }: CauseStream) =>
    left !== null && left < oplogWindowSeconds * share;
  const isPaused = ({ condition }: CauseStream) => condition === "paused";
  const isShort = hasLess(HEADROOM_SHARE_MIN);
  const isPausedShort = hasLess(HEADROOM_SHARE_WARN);
  const short = streams.filter((each) => isShort(each) || isPaused(each) && isPausedShort(each));
  if (short.length === 0) return [];
  const left = Math.min(...short.map(({ oplogHeadroomSeconds }) => oplogHeadroomSeconds!));
  return [{
    id: "oplog-short",
    severity: short.some(isShort) ? "critical" : "warning",
    since: null,
    text: left > 0
      ? `${streamsOf(short)} ${formatSeconds(left * 1000)} of oplog left before events are lost.`
      : `${streamsOf(short)} no oplog left: events are being lost.`,
    next: oplogStep(short.some(isPaused), left > 0),
    streams: short.map(({ name }) => name),
  }];
}

function oplogStep(isAnyPaused: boolean, isAnyLeft: boolean): string {
  if (!isAnyPaused) {
    return "Make the oplog longer at once (replSetResizeOplog), then mend what holds them up.";
  }
  return isAnyLeft
    ? "Let them go on at once (`tributary resume`), or make the oplog longer (replSetResizeOplog)."
    : "Let them go on (`tributary resume`): each then says what it lost, and what to do.";
}

/** Streams with the same failure are one cause. */
function aboutFailures(facts: CauseFacts, explained: Set<CauseStream>): Cause[] {
  const { streams } = facts;
  const backSince = facts.dependencies.filter((each) => isJustBack(each, facts))
    .map(({ since }) => since).sort().at(-1);
  const groups = new Map<string, CauseStream[]>();
  for (const stream of streams) {
    const { condition, error } = stream;
    if (condition !== "failed" && condition !== "waiting" || explained.has(stream)) continue;
    const said = error === null ? "" : withoutStream(error.message, stream.name);
    const group = `${condition}\n${said}`;
    groups.set(group, [...groups.get(group) ?? [], stream]);
  }
  const kinds = [...groups.values()];
  const shown = kinds.slice(0, KINDS_OF_FAILURE_MAX - 1);
  const rest = kinds.slice(KINDS_OF_FAILURE_MAX - 1).flat();
  return [...shown, ...(rest.length === 0 ? [] : [rest])].map((group, i) => {
    // What failed before all services answered again is being tried now.
    const isOld = backSince !== undefined &&
      group.every(({ error }) => error !== null && error.at < backSince);
    const failed = !isOld && group.some(({ condition }) => condition === "failed");
    const reason = group[0]!.error?.message ?? null;
    return {
      id: i === 0 ? "streams-failing" : `streams-failing-${i + 1}`,
      severity: failed ? "critical" as const : "warning" as const,
      since: earliest(group),
      ...sentence(
        group.length === 1
          ? `${group[0]!.name} ${failed ? "cannot go on" : "waits to be tried again"}`
          : `${group.length} streams ${failed ? "cannot go on" : "wait to be tried again"}`,
        reason,
      ),
      next: isOld
        ? CATCHING_UP
        : failed
        ? "Do what the message says; the streams are tried again by themselves."
        : "They are tried again by themselves; look at the log if that does not help.",
      streams: explain(group, explained),
    };
  });
}

function aboutFree(facts: CauseFacts, explained: Set<CauseStream>): Cause[] {
  const nowMs = facts.at === undefined ? Infinity : Date.parse(facts.at);
  const free = facts.streams.filter((stream) =>
    stream.condition === "free" && !explained.has(stream) &&
    nowMs - Date.parse(stream.freeSince ?? "1970-01-01") >= HAND_OVER_MS
  );
  // Who says that nobody is there has said that nobody has them.
  if (free.length === 0 || facts.instances.length === 0) return [];
  const isLong = free.some((stream) => isLate(stream, facts));
  return [{
    id: "streams-free",
    severity: isLong ? "critical" : "warning",
    since: free.flatMap(({ freeSince }) => freeSince ?? []).sort()[0] ?? null,
    text: free.length === 1
      ? `No instance has ${free[0]!.name}.`
      : `No instance has ${free.length} of the streams.`,
    next: "They are taken within seconds; if not, look at the log of each instance.",
    streams: explain(free, explained),
  }];
}

/** Whether it has only just answered: what it held up is caught up with, and others have not told yet that theirs is. */
function isJustBack({ state, since }: CauseDependency, { at }: CauseFacts): boolean {
  if (state !== "healthy" || at === undefined) return false;
  return Date.parse(at) - Date.parse(since) < CATCH_UP_MS;
}

function aboutLate(facts: CauseFacts, explained: Set<CauseStream>): Cause[] {
  const running = facts.streams.filter((stream) =>
    (stream.condition === "running" || stream.condition === "opening") && !explained.has(stream)
  );
  const late = running.filter(({ lagSeconds }) => (lagSeconds ?? 0) > facts.limits.lagSeconds);
  const unstored = running.filter((stream) =>
    !late.includes(stream) && (stream.lakeLagSeconds ?? 0) > facts.limits.lakeLagSeconds
  );
  const worst = (streams: readonly CauseStream[], of: "lagSeconds" | "lakeLagSeconds") =>
    formatSeconds(Math.max(...streams.map((stream) => stream[of] ?? 0)) * 1000);
  const isBack = facts.dependencies.some((dependency) => isJustBack(dependency, facts));
  const step = (lasting: string) => isBack ? CATCHING_UP : lasting;
  const causes: Cause[] = [];
  if (late.length > 0) {
    causes.push({
      ...{ id: "reading-late", severity: "warning", since: null },
      text: `${countOf(late)} read ${worst(late, "lagSeconds")} behind.`,
      next: step("If it grows, give it more CPU or instances, or divide the busiest collection."),
      streams: explain(late, explained),
    });
  }
  if (unstored.length > 0) {
    causes.push({
      ...{ id: "storing-late", severity: "warning", since: null },
      text: `${countOf(unstored)} stored ${worst(unstored, "lakeLagSeconds")} behind.`,
      next: step("The destination is slow or refuses: look at the log for failed requests."),
      streams: explain(unstored, explained),
    });
  }
  return causes;
}

/** Not of now, but there until somebody has dealt with it. */
function aboutLosses({ streams }: CauseFacts): Cause[] {
  const lossy = streams.filter(({ lost = 0 }) => lost > 0);
  if (lossy.length === 0) return [];
  const names = lossy.map(({ name }) => name);
  return [{
    ...{ id: "history-lost", severity: "warning", since: null },
    text: `Events of ${listOf(names)} are missing in the lake.`,
    next:
      "`tributary verify` names them. Load them anew, then say so: `tributary verify --accept`.",
    streams: names,
  }];
}

/** What a reload refused stays a trap: the next start would refuse it too. */
function aboutSettings({ instances }: CauseFacts): Cause[] {
  const refusing = instances.flatMap(({ name, refusedSettings }) =>
    refusedSettings === undefined ? [] : [{ name, ...refusedSettings }]
  );
  const [first] = refusing.toSorted((a, b) => a.since < b.since ? -1 : 1);
  if (first === undefined) return [];
  const names = refusing.map(({ name }) => name);
  const [keep, their] = names.length === 1 ? ["keeps", "its"] : ["keep", "their"];
  return [{
    ...{ id: "settings-refused", severity: "warning", since: first.since, streams: [] },
    ...sentence(
      `${listOf(names)} ${keep} ${their} old settings, those read again are refused`,
      first.reason,
    ),
    next: "Correct them and reload again; a restart would not start with them.",
  }];
}

function aboutPaused({ at, streams }: CauseFacts): Cause[] {
  const paused = streams.filter(({ condition }) => condition === "paused");
  if (paused.length === 0) return [];
  return [{
    ...{ id: "paused", severity: "info", since: pausedSince(paused, at) },
    text: `${countOf(paused)} paused.`,
    next: "`tributary resume` lets them go on; the oplog must reach back until then.",
    streams: paused.map(({ name }) => name),
  }];
}

/** Since when they are, else since when nothing is read of them; whole seconds, as MongoDB's times, or it would differ at each look. */
function pausedSince(paused: readonly CauseStream[], at: string | undefined): string | null {
  const times = paused.flatMap(({ pausedSince, lakeLagSeconds: age }) => {
    if (pausedSince !== undefined) return [pausedSince];
    if (at === undefined || age === null) return [];
    return [isoTime(Math.round(Date.parse(at) / 1000 - age) * 1000)];
  });
  return times.sort()[0] ?? null;
}

function isLate({ lagSeconds, lakeLagSeconds }: CauseStream, { limits }: CauseFacts): boolean {
  return (lagSeconds ?? 0) > limits.lagSeconds || (lakeLagSeconds ?? 0) > limits.lakeLagSeconds;
}

function explain(streams: readonly CauseStream[], explained: Set<CauseStream>): string[] {
  for (const stream of streams) explained.add(stream);
  return streams.map(({ name }) => name);
}

function earliest(streams: readonly CauseStream[]): string | null {
  const times = streams.flatMap(({ error }) => error === null ? [] : [error.since ?? error.at]);
  return times.sort()[0] ?? null;
}
