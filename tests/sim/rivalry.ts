import assert from "node:assert/strict";
import type { JournalRecord } from "../../src/model/record.ts";
import { samePosition } from "../../src/model/position.ts";
import type { NamespaceFilter } from "../../src/model/settings.ts";

/** Who moved a journal on, and which events they wanted of it. */
interface Step {
  readonly owner: string;
  readonly selection: string;
  readonly atMs: number;
}

/**
 * Watches that of living instances with different selections only one moves a journal on: each would go over the other's
 * events. One may follow when the other is gone, but where they take turns, both are there.
 */
export class Rivalry {
  readonly #steps = new Map<string, Step[]>();
  /** When each instance last told the others that it is there, and since when it has never fallen silent. */
  readonly #present = new Map<string, { lastMs: number; sinceMs: number }>();
  readonly #nowMs: () => number;
  readonly #ttlMs: number;

  constructor(nowMs: () => number, ttlMs: number) {
    this.#nowMs = nowMs;
    this.#ttlMs = ttlMs;
  }

  announced(owner: string, isLeaving: boolean): void {
    const nowMs = this.#nowMs();
    const known = this.#present.get(owner);
    if (isLeaving) return this.left(owner);
    const isSilent = known === undefined || nowMs - known.lastMs > this.#ttlMs / 2;
    this.#present.set(owner, { lastMs: nowMs, sinceMs: isSilent ? nowMs : known.sinceMs });
  }

  /** One is there that tells nobody. */
  joined(owner: string): void {
    this.#present.set(owner, { lastMs: Infinity, sinceMs: this.#nowMs() });
  }

  /** One is gone, that has this owner id or this name. */
  left(who: string): void {
    for (const owner of this.#present.keys()) {
      if (owner === who || owner.startsWith(`${who}-`)) this.#present.delete(owner);
    }
  }

  /** The store has forgotten who is there. */
  forgotten(): void {
    this.#present.clear();
  }

  /** @throws {AssertionError} if two take turns. */
  recordCreated(stream: string, record: JournalRecord, namespaces: NamespaceFilter): void {
    if (samePosition(record.from, record.to)) return;
    const step = {
      owner: record.owner,
      selection: JSON.stringify(namespaces),
      atMs: this.#nowMs(),
    };
    const steps = this.#steps.get(stream) ?? [];
    const last = steps.at(-1);
    if (last?.owner === step.owner && last.selection === step.selection) return;
    this.#steps.set(stream, [...steps, step]);
    if (last === undefined || last.selection === step.selection) return;
    const isBack = steps.some(({ owner }) => owner === step.owner);
    if (!isBack || !this.#isThereSince(last.owner, last.atMs)) return;
    if (!this.#isThereSince(step.owner, last.atMs)) return;
    assert.fail(`${step.owner} and ${last.owner} take turns at ${stream} and want other events`);
  }

  #isThereSince(owner: string, ms: number): boolean {
    const present = this.#present.get(owner);
    return present !== undefined && present.sinceMs <= ms &&
      this.#nowMs() - present.lastMs <= this.#ttlMs / 2;
  }
}
