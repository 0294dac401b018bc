import { arrayOf, openObjectOf, text, wholeNumber } from "../../support/json_shape.ts";
import { readMember } from "../member_shape.ts";
import type { Member } from "../members.ts";
import type { InstanceNews } from "../news.ts";
import { readNews } from "../news_shape.ts";

/** What one instance writes of itself at each refresh. */
export interface MemberObject {
  readonly owner: string;
  /** Grows with each version of this owner's. */
  readonly counter: number;
  /** Without a new version for so long the owner is dead. */
  readonly ttlMs: number;
  /** The claims that it runs. */
  readonly claims: readonly NamedClaim[];
  /** Absent for who holds a lease and is no member. */
  readonly member?: Member;
  readonly news?: TimedNews;
}

export interface NamedClaim {
  readonly stream: string;
  readonly generation: number;
}

export interface TimedNews {
  readonly ttlMs: number;
  readonly told: InstanceNews;
}

export const MEMBERS_PREFIX = "members/";

const DIGITS = 6;

export function slotKey(slot: number): string {
  return `${MEMBERS_PREFIX}${String(slot).padStart(DIGITS, "0")}`;
}

export function slotOf(key: string): number {
  return Number(key.slice(MEMBERS_PREFIX.length)) || 0;
}

/** A slot that is free: its owner has left, or is dead. */
export function freeSlot(id: string): string {
  return JSON.stringify({ id, left: true }) + "\n";
}

/** `id` is another one for each version, so that no ETag comes twice. */
export function formatMemberObject(object: MemberObject, id: string): string {
  return JSON.stringify({ id, ...object }) + "\n";
}

interface Written {
  readonly owner: string;
  readonly counter: number;
  readonly ttlMs: number;
  readonly claims: readonly NamedClaim[];
}

const WRITTEN = openObjectOf<Written>({
  owner: text(),
  counter: wholeNumber(0),
  ttlMs: wholeNumber(0),
  claims: arrayOf(openObjectOf<NamedClaim>({ stream: text(), generation: wholeNumber(0) })),
});

/** Undefined where the slot is free, or holds nothing of ours. */
export function parseMemberObject(given: string): MemberObject | undefined {
  try {
    const said = JSON.parse(given);
    const written = WRITTEN(said, "", "left-out");
    const member = said.member === undefined ? undefined : readMember(JSON.stringify(said.member));
    const told = said.news === undefined ? undefined : readNews(JSON.stringify(said.news.told), 0);
    const newsTtlMs = Number(said.news?.ttlMs);
    return {
      ...written,
      ...(member === undefined ? {} : { member }),
      ...(told === undefined || !(newsTtlMs > 0) ? {} : { news: { ttlMs: newsTtlMs, told } }),
    };
  } catch {
    return undefined;
  }
}
