import { TransientError } from "../model/errors.ts";
import { type Clock, withTimeout } from "../support/clock.ts";
import { formatDuration } from "../support/units.ts";

/** Runs actions while nobody else, in this process or another one, runs one under the same lock. */
export interface FolderLock {
  /** Calls must not overlap. `TransientError` if the lock could not be had in time; the action has not run then. */
  hold<T>(action: () => Promise<T>): Promise<T>;
}

/**
 * The operating system's lock on a file, which is created if need be and means nothing by being there. The lock ends with
 * the process that holds it, however that ends, so none is ever stale.
 */
export function createFolderLock(file: string, clock: Clock, waitMs: number): FolderLock {
  let handle: Deno.FsFile | undefined;
  /** A wait that took too long cannot be called off: it is left to the next call, and else gives the lock back. */
  let asked: Promise<void> | undefined;
  let wanted = false;

  async function ask(): Promise<void> {
    try {
      const granted = await openLocked(file);
      if (wanted) handle = granted;
      else granted.close();
    } finally {
      asked = undefined;
    }
  }

  async function take(): Promise<void> {
    wanted = true;
    asked ??= ask();
    try {
      await withTimeout(clock, waitMs, asked, () => timedOut(waitMs));
    } catch (error) {
      // It may have come in the same moment.
      if (handle === undefined) throw error;
    } finally {
      wanted = false;
    }
  }

  return {
    async hold(action) {
      await take();
      try {
        return await action();
      } finally {
        handle?.close();
        handle = undefined;
      }
    },
  };
}

function timedOut(waitMs: number): TransientError {
  return new TransientError(`another process has held its lock for ${formatDuration(waitMs)}`);
}

async function openLocked(file: string): Promise<Deno.FsFile> {
  const handle = await Deno.open(file, { create: true, write: true });
  try {
    await handle.lock(true);
    return handle;
  } catch (error) {
    handle.close();
    throw error;
  }
}
