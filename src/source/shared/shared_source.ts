import type { ClusterTime } from "../../model/cluster_time.ts";
import { errorMessage, PermanentError, TransientError } from "../../model/errors.ts";
import { comparePositions, withoutInvalidate } from "../../model/position.ts";
import { streamKey, streamName } from "../../model/stream.ts";
import type { NamespaceName } from "../../pipeline/namespaces.ts";
import type { EventCursor, OpenRequest, Source, SourceDescription } from "../../pipeline/ports.ts";
import type { Clock } from "../../support/clock.ts";
import { SharedTimer } from "../../support/flow/shared_timer.ts";
import { type FailedWhen, Group, type GroupHost, type GroupStart, LONE } from "./group.ts";
import { GroupReading } from "./group_reading.ts";
import type { GroupSource, Room } from "./group_source.ts";
import { Member } from "./member.ts";
import { type WhyAlone, whyNeverShared } from "./why_alone.ts";

export interface SharedSourceOptions {
  readonly room: Room;
  readonly clock: Clock;
  readonly observe?: (event: SharedReadingEvent) => void;
}

/** What people may want to know. */
export type SharedReadingEvent =
  | { readonly type: "group-lost"; readonly members: number; readonly reason: string }
  /** The server has answered a change stream; told once a second at most. */
  | { readonly type: "group-read" }
  | { readonly type: "reads-alone"; readonly stream: string; readonly why: WhyAlone }
  | { readonly type: "not-shared"; readonly form: string };

/** A change stream of this instance, and who reads by it. */
export interface SharedReader {
  /** `collection`, `database shop`, `deployment`; undefined while it is being opened. */
  readonly form: string | undefined;
  readonly members: readonly string[];
  /** Why its only member has it for itself; undefined where nobody else is there, or will be soon. */
  readonly alone?: WhyAlone;
}

export interface SharedSource extends Source {
  readers(): SharedReader[];
  /** Those of streams that never share one; not those that read a range once more. */
  unshared(): SharedReader[];
  /** Streams that wait for a place among those that are read alone. */
  waiting(): string[];
}

/** Streams whose positions are so near read by one change stream; what one has seen already costs time, but little. */
const NEAR_SECONDS = 10;

/** Streams that begin together may lie further apart: the oplog between them is read in any case. */
const BEGIN_SECONDS_MAX = 600;

/** The share of the memory of all streams that may wait in groups untaken. */
const BUFFER_SHARE = 1 / 4;

/** A stream that was put apart stays so for a while, longer each time. */
const APART_MS_MIN = 30_000;
const APART_MS_MAX = 600_000;

/** While others wait for a place it goes back to the others after so long. */
const APART_MS_WANTED = 5_000;

/** So many groups are read besides one of each kind; who would need another one waits for a place. */
const ASIDE_MAX = 8;

/** So long it is believed that the user may not read something, longer each time: rights may be given back soon. */
const DENIED_MS_MIN = 30_000;
const DENIED_MS_MAX = 600_000;

interface Apart {
  readonly why: WhyAlone;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly times: number;
}

/**
 * A source whose streams of whole collections share change streams: one for all that are read with the same options, as long
 * as they are near each other. MongoDB reads its whole oplog for each change stream, so two hundred of them cost it two
 * hundred times as much.
 */
export function createSharedSource(
  source: GroupSource,
  options: SharedSourceOptions,
): SharedSource {
  return new Sharing(source, options);
}

class Sharing implements SharedSource {
  readonly #source: GroupSource;
  readonly #options: SharedSourceOptions;
  /** With why its only member is alone, where there is a reason. */
  readonly #groups = new Map<Group, WhyAlone | undefined>();
  /** Change streams of streams that never share one. */
  readonly #unshared = new Set<SharedReader>();
  /** Members that wait for a group to end; fewer than there are streams. */
  readonly #waiting: Member[] = [];
  readonly #apart = new Map<string, Apart>();
  /** Until when it is believed that the user may not read something, and for how long, by the form of a change stream. */
  readonly #denied = new Map<string, { readonly untilMs: number; readonly ms: number }>();
  readonly #host: GroupHost;
  readonly #timer: SharedTimer<Member>;
  readonly checkToken?: NonNullable<Source["checkToken"]>;

  constructor(source: GroupSource, options: SharedSourceOptions) {
    this.#source = source;
    this.#options = options;
    this.#host = this.#hostOfGroups();
    this.#timer = new SharedTimer(options.clock, (due) => due.forEach((each) => each.waited()));
    if (source.checkToken !== undefined) this.checkToken = source.checkToken.bind(source);
  }

  describe(signal: AbortSignal): Promise<SourceDescription> {
    return this.#source.describe(signal);
  }

  async open(request: OpenRequest, signal: AbortSignal): Promise<EventCursor> {
    if (request.live !== true) return await this.#source.open(request, signal);
    const whyNever = whyNeverShared(request);
    if (whyNever !== undefined) return await this.#openUnshared(request, whyNever, signal);
    signal.throwIfAborted();
    const waits = { clock: this.#options.clock, timer: this.#timer, ...this.#source.idle };
    const member = new Member(request, waits, this.#options.room.reserve(0));
    const close = () => void member.close();
    signal.addEventListener("abort", close, { once: true });
    this.#place(member);
    try {
      await member.opened;
      return member;
    } catch (error) {
      await member.close();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  async #openUnshared(
    request: OpenRequest,
    alone: WhyAlone,
    signal: AbortSignal,
  ): Promise<EventCursor> {
    const cursor = await this.#source.open(request, signal);
    const members = [streamName(request.stream)];
    const reader = { form: formOf(request), members, alone };
    this.#unshared.add(reader);
    return {
      next: (rowsMax, ahead) => cursor.next(rowsMax, ahead),
      close: () => {
        this.#unshared.delete(reader);
        return cursor.close();
      },
    };
  }

  readers(): SharedReader[] {
    return [...this.#groups].map(([group, why]) => {
      const alone = why ?? (this.#isBehind(group) ? "behind" : undefined);
      const members = [...group.everybody()].map(({ name }) => name);
      return { form: group.form, members, ...(alone === undefined ? {} : { alone }) };
    });
  }

  unshared(): SharedReader[] {
    return [...this.#unshared];
  }

  waiting(): string[] {
    return this.#waiting.filter(({ hasEnded }) => !hasEnded).map(({ name }) => name);
  }

  /** Whether it is of one stream that others could have taken in, were they nearer. */
  #isBehind(group: Group): boolean {
    const [only] = group.everybody();
    return only !== undefined && group.size === 1 &&
      this.#groupsLike(only).some((each) => each !== group && each.size > 1);
  }

  /** Gives a member a group to be in, or lets it wait for one. */
  #place(member: Member): void {
    const alone = this.#whyAlone(member);
    const likes = alone === undefined ? this.#groupsLike(member) : [...this.#groups.keys()];
    const near = alone === undefined ? likes.find((group) => isNear(group, member)) : undefined;
    if (near !== undefined) return near.join([member]);
    const isAside = alone !== "rights" && likes.length > 0;
    if (isAside && this.#countAside() >= ASIDE_MAX) this.#await(member);
    else this.#begin([member], alone);
  }

  /** Rights make groups of one, and databases groups of their own: they stay, and who waited for their end would wait for ever. */
  #countAside(): number {
    const kinds = new Set<string>();
    let count = 0;
    for (const [group, alone] of this.#groups) {
      const [member] = group.everybody();
      if (member === undefined || alone === "rights") continue;
      const key = this.#keyOf(member);
      if (alone !== undefined || kinds.has(key)) count++;
      else kinds.add(key);
    }
    return count;
  }

  #await(member: Member): void {
    const ended = this.#waiting.findIndex((each) => each.hasEnded);
    if (ended >= 0) this.#waiting.splice(ended, 1);
    this.#waiting.push(member);
  }

  #begin(members: readonly Member[], alone?: WhyAlone, isFiltered?: boolean): void {
    const group = new Group(this.#host, isFiltered);
    this.#groups.set(group, alone);
    group.join(members);
  }

  /** The groups that it could be in. */
  #groupsLike(member: Member): Group[] {
    const key = this.#keyOf(member);
    return [...this.#groups.keys()].filter((group) => {
      const [other] = group.everybody();
      return other !== undefined && this.#whyAlone(other) === undefined &&
        this.#keyOf(other) === key;
    });
  }

  /** What is the same of all members of a group. */
  #keyOf({ request }: Member): string {
    const { fullDocument, fullDocumentBeforeChange, stages, redact = [] } = request.settings;
    const database = this.#isDenied(DEPLOYMENT) ? databaseOf(request) : "";
    return JSON.stringify([database, fullDocument, fullDocumentBeforeChange, stages, redact]);
  }

  #whyAlone(member: Member): WhyAlone | undefined {
    if (this.#isDenied(databaseForm(databaseOf(member.request)))) return "rights";
    const apart = this.#apart.get(streamKey(member.request.stream));
    if (apart === undefined) return undefined;
    const apartMsMax = this.#waiting.length > 0 ? APART_MS_WANTED : APART_MS_MAX;
    const untilMs = Math.min(apart.untilMs, apart.sinceMs + apartMsMax);
    return this.#options.clock.monotonicMs() < untilMs ? apart.why : undefined;
  }

  #isDenied(form: string): boolean {
    return this.#options.clock.monotonicMs() < (this.#denied.get(form)?.untilMs ?? 0);
  }

  #setApart(member: Member, why: WhyAlone): void {
    const key = streamKey(member.request.stream);
    const sinceMs = this.#options.clock.monotonicMs();
    const { untilMs: lastMs = -Infinity, times: lastTimes = 0 } = this.#apart.get(key) ?? {};
    const times = sinceMs - lastMs < APART_MS_MAX ? lastTimes : 0;
    const untilMs = sinceMs + Math.min(APART_MS_MAX, APART_MS_MIN * 2 ** times);
    this.#apart.set(key, { why, sinceMs, untilMs, times: times + 1 });
    this.#options.observe?.({ type: "reads-alone", stream: member.name, why });
  }

  #hostOfGroups(): GroupHost {
    const { clock, room, observe } = this.#options;
    return {
      clock,
      bufferBytesMax: () => Math.floor(room.limitBytes * BUFFER_SHARE / this.#groups.size),
      admit: (members) => this.#admit(members),
      open: (members, start) => this.#openReading(members, start),
      denied: (members) => this.#placeAll(members),
      failed: (members, error, when) => this.#failed(members, error, when),
      detached: (member) => {
        this.#setApart(member, "slow");
        this.#place(member);
      },
      lost: (error, members) => {
        observe?.({ type: "group-lost", members, reason: errorMessage(error) });
      },
      advanced: (group) => {
        observe?.({ type: "group-read" });
        this.#bringTogether(group);
      },
      ended: (group) => {
        this.#groups.delete(group);
        this.#placeAll(this.#waiting.splice(0));
      },
    };
  }

  #placeAll(members: readonly Member[]): void {
    for (const member of members) if (!member.hasEnded) this.#place(member);
  }

  async #admit(members: readonly Member[]): Promise<void> {
    const requests = members.map(({ request, mark }) => ({ ...request, from: mark }));
    const faults = await this.#source.admit(requests, NEVER);
    for (const [i, member] of members.entries()) {
      const fault = faults[i];
      if (fault !== undefined) member.fail(fault);
    }
  }

  async #openReading(
    members: readonly Member[],
    { from, afterInvalidateOf, isFiltered }: GroupStart,
  ): Promise<GroupReading | undefined> {
    const [first] = members;
    const { clock, observe, room } = this.#options;
    const groups = () => Math.max(1, this.#groups.size);
    if (members.length === 1) {
      const request = { ...first!.request, from: first!.mark };
      return new GroupReading(await this.#source.open(request, NEVER), LONE, room, groups);
    }
    const names = members.map(({ request }) => namespaceOf(request));
    const databases = new Set(names.map(({ database }) => database));
    const [database] = databases;
    const form = databases.size === 1 ? databaseForm(database!) : DEPLOYMENT;
    const request = {
      ...(databases.size === 1 ? { database: database! } : {}),
      names,
      unfiltered: !isFiltered,
      from: afterInvalidateOf === form ? from : withoutInvalidate(from),
      settings: first!.request.settings,
    };
    const cursor = await this.#source.openGroup(request, NEVER);
    if (cursor !== undefined) {
      this.#denied.delete(form);
      return new GroupReading(cursor, form, room, groups);
    }
    const before = this.#denied.get(form);
    if (before === undefined) observe?.({ type: "not-shared", form });
    const ms = before === undefined ? DENIED_MS_MIN : Math.min(DENIED_MS_MAX, before.ms * 2);
    this.#denied.set(form, { untilMs: clock.monotonicMs() + ms, ms });
    return undefined;
  }

  /** Half of those that fail together may be well: they are halved until those that are not are alone. */
  #failed(members: readonly Member[], error: unknown, when: FailedWhen): void {
    const isCommon = error instanceof TransientError ||
      when === "opening" && error instanceof PermanentError;
    if (isCommon || members.length === 1 && when !== "joining") {
      for (const member of members) {
        if (!isCommon) this.#setApart(member, "failed");
        member.fail(error);
      }
      return;
    }
    const inOrder = [...members].sort((a, b) => comparePositions(a.mark, b.mark));
    const middle = Math.ceil(inOrder.length / 2);
    for (const half of [inOrder.slice(0, middle), inOrder.slice(middle)]) {
      // Nobody is to fail on what others want.
      if (half.length > 0) this.#begin(half, undefined, true);
    }
  }

  /** Groups that have come near each other become one, once both have shown that they can read. */
  #bringTogether(group: Group): void {
    const [member] = group.members;
    if (member === undefined || !group.hasRead || this.#whyAlone(member) !== undefined) return;
    const other = this.#groupsLike(member).find((each) =>
      each !== group && each.hasRead && each.members.size >= group.members.size &&
      isNearTime(each.mark.operationTime, group.mark.operationTime)
    );
    if (other === undefined) return;
    this.#groups.set(other, undefined);
    other.join(group.release());
  }
}

/** What is opened for several is not given up for one of them. */
const NEVER = new AbortController().signal;

const DEPLOYMENT = "deployment";

function databaseForm(database: string): string {
  return `database ${database}`;
}

function formOf({ stream }: OpenRequest): string {
  if (stream.level === "collection") return LONE;
  return stream.level === "database" ? databaseForm(stream.database) : DEPLOYMENT;
}

function namespaceOf({ stream }: OpenRequest): NamespaceName {
  if (stream.level !== "collection") throw new TypeError("only collections share change streams");
  return { database: stream.database, collection: stream.collection };
}

function databaseOf(request: OpenRequest): string {
  return namespaceOf(request).database;
}

function isNear(group: Group, { mark }: Member): boolean {
  const seconds = group.form === undefined ? BEGIN_SECONDS_MAX : NEAR_SECONDS;
  return group.everybody().every((member) =>
    isNearTime(member.mark.operationTime, mark.operationTime, seconds)
  );
}

function isNearTime(a: ClusterTime, b: ClusterTime, seconds = NEAR_SECONDS): boolean {
  return Math.abs(a.t - b.t) <= seconds;
}
