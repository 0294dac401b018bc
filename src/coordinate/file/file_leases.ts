import { join } from "node:path";
import { encodeName } from "../../model/keys/name_encoding.ts";
import type { Clock } from "../../support/clock.ts";
import type { Random } from "../../support/random.ts";
import type { FileChanges } from "./file_changes.ts";
import {
  isSameClaim,
  type LeaseClaim,
  type LeaseHolder,
  type LeaseInfo,
  type LeaseStore,
  type RefreshAnswer,
} from "../lease/lease_store.ts";
import { createText, namesIn, readText, removeFile, replaceText } from "./shared_folder.ts";

export interface FileLeasesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly changes: FileChanges;
}

/** What is written of a lease; `endMs` is wall clock, 0 once it was released. */
interface Written extends LeaseClaim {
  readonly stream: string;
  readonly instance: string;
  readonly since: string;
  readonly endMs: number;
}

/**
 * Leases in a folder that several processes share: `STREAM/GENERATION.json`, readable, the highest generation counts.
 *
 * A generation is taken by creating its file, which succeeds for one only, also on a network file system; so no lock of
 * the operating system is needed. (Such a lock would outlive a process that hangs or is stopped, and means little on a
 * network.) The file is kept when the lease ends, so that generations go on growing; the next one removes it. Deleting
 * it by hand ends the lease. Machines that share a disk must agree about the time to well within the TTL.
 */
export function createFileLeaseStore(folder: string, options: FileLeasesOptions): LeaseStore {
  return new FileLeaseStore(folder, options);
}

const DIGITS = 10;

function isHeld(written: Written | undefined, nowMs: number): written is Written {
  return written !== undefined && written.endMs > nowMs;
}

function fileName(generation: number): string {
  return `${String(generation).padStart(DIGITS, "0")}.json`;
}

function highestOf(names: readonly string[]): number {
  const generations = names.map((name) => Number(/^(\d{10})\.json$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...generations);
}

async function removeBefore(folder: string, generation: number): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (highestOf([name]) < generation) await removeFile(join(folder, name));
  }
}

function format(written: Written): string {
  return JSON.stringify(written) + "\n";
}

/** What a crash of the machine has cut off, or a stranger has written, holds nothing. */
function parse(text: string | undefined): Written | undefined {
  try {
    const { owner, generation, instance, stream, since, endMs } = JSON.parse(text ?? "null");
    const isWhole = [owner, instance, stream, since].every((each) => typeof each === "string") &&
      Number.isSafeInteger(generation) && typeof endMs === "number";
    return isWhole ? { owner, generation, instance, stream, since, endMs } : undefined;
  } catch {
    return undefined;
  }
}

class FileLeaseStore implements LeaseStore {
  readonly #folder: string;
  readonly #options: FileLeasesOptions;

  constructor(folder: string, options: FileLeasesOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  async take(
    stream: string,
    { owner, instance, since }: LeaseHolder,
    ttlMs: number,
  ): Promise<number | undefined> {
    // Before reading: what was refreshed in time is seen then, and what is not seen was over.
    const nowMs = this.#options.clock.wallMs();
    const last = await this.#highest(stream);
    const current = await this.#read(stream, last);
    if (isHeld(current, nowMs) && current.owner !== owner) return undefined;
    const generation = last + 1;
    const endMs = nowMs + ttlMs;
    if (!await this.#create({ owner, generation, instance, stream, since, endMs })) {
      return undefined;
    }
    if (await this.#highest(stream) !== generation) {
      // Others came by meanwhile, and removed the file that would have stopped us.
      await removeFile(this.#fileOf(stream, generation));
      return undefined;
    }
    await removeBefore(this.#folderOf(stream), generation);
    return generation;
  }

  async refresh(stream: string, claim: LeaseClaim, ttlMs: number): Promise<RefreshAnswer> {
    const { clock } = this.#options;
    const nowMs = clock.wallMs();
    const current = await this.#read(stream, claim.generation);
    if (!isHeld(current, nowMs) || !isSameClaim(current, claim)) return await this.#lost(stream);
    await this.#replace({ ...current, endMs: nowMs + ttlMs });
    // Who has looked after the end, but before it was put off, may be taking the lease now.
    const isInTime = clock.wallMs() < current.endMs;
    const isLast = await this.#highest(stream) === claim.generation;
    return isInTime && isLast ? "refreshed" : await this.#lost(stream);
  }

  async release(stream: string, claim: LeaseClaim): Promise<boolean> {
    const { clock, changes } = this.#options;
    const current = await this.#read(stream, claim.generation);
    if (!isHeld(current, clock.wallMs()) || !isSameClaim(current, claim)) return false;
    await this.#replace({ ...current, endMs: 0 });
    await changes.mark();
    return true;
  }

  async releaseAny(stream: string): Promise<boolean> {
    const { clock, changes } = this.#options;
    const last = await this.#highest(stream);
    const current = await this.#read(stream, last);
    if (!isHeld(current, clock.wallMs())) return false;
    // A file of its own, which a refresh at the same time cannot replace.
    await this.#create({ ...current, generation: last + 1, endMs: 0 });
    await changes.mark();
    return true;
  }

  async list(): Promise<LeaseInfo[]> {
    const found: LeaseInfo[] = [];
    for (const name of await namesIn(this.#folder)) {
      const folder = join(this.#folder, name);
      const last = highestOf(await namesIn(folder));
      const current = parse(await readText(join(folder, fileName(last))));
      const nowMs = this.#options.clock.wallMs();
      if (!isHeld(current, nowMs)) continue;
      const { endMs, ...lease } = current;
      found.push({ ...lease, leftMs: endMs - nowMs });
    }
    return found.sort((a, b) => a.stream < b.stream ? -1 : 1);
  }

  #folderOf(stream: string): string {
    return join(this.#folder, encodeName(stream));
  }

  #fileOf(stream: string, generation: number): string {
    return join(this.#folderOf(stream), fileName(generation));
  }

  async #highest(stream: string): Promise<number> {
    return highestOf(await namesIn(this.#folderOf(stream)));
  }

  async #read(stream: string, generation: number): Promise<Written | undefined> {
    return parse(await readText(this.#fileOf(stream, generation)));
  }

  #create(written: Written): Promise<boolean> {
    const path = this.#fileOf(written.stream, written.generation);
    return createText(path, format(written), this.#options.random.hex(16));
  }

  #replace(written: Written): Promise<void> {
    const path = this.#fileOf(written.stream, written.generation);
    return replaceText(path, format(written), this.#options.random.hex(16));
  }

  /** What a refresh learns that came too late. */
  async #lost(stream: string): Promise<"gone" | "taken"> {
    const nowMs = this.#options.clock.wallMs();
    return isHeld(await this.#read(stream, await this.#highest(stream)), nowMs) ? "taken" : "gone";
  }
}
