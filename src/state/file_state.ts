import { mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { errorMessage, PermanentError, TransientError } from "../model/errors.ts";
import type { StateStore, StreamState } from "../pipeline/ports.ts";
import type { Clock } from "../support/clock.ts";
import { fileFaultCode, isLastingFileFault } from "../support/file_fault.ts";
import { createFolderLock } from "./folder_lock.ts";
import { decodeState, encodeState } from "./state_shape.ts";

export interface FileStateOptions {
  readonly clock: Clock;
  /** How long a write waits for another process's write. Default: 10 s. */
  readonly lockWaitMs?: number;
}

/**
 * States in a folder, one readable file for each stream, which is created by the first write. A new state is written
 * aside, flushed and renamed, so that a crash at any moment leaves the old file or the new one.
 *
 * Several processes may share the folder, each running other streams. So a lock is held for one write only, not for the
 * life of a process: the operating system's lock on the file `.lock`.
 */
export function createFileState(folder: string, options: FileStateOptions): StateStore {
  const { clock, lockWaitMs = 10_000 } = options;
  const lock = createFolderLock(join(folder, ".lock"), clock, lockWaitMs);
  let lastWrite: Promise<void> = Promise.resolve();
  const write = async (streamKey: string, state: StreamState) => {
    const file = stateFile(folder, streamKey);
    try {
      await mkdir(folder, { recursive: true });
      await lock.hold(() => save(folder, file, state));
    } catch (error) {
      throw asFileError(`write the state "${file}"`, error);
    }
  };
  return {
    async load(streamKey) {
      return await read(stateFile(folder, streamKey));
    },
    save(streamKey, state) {
      const written = lastWrite.then(() => write(streamKey, state));
      lastWrite = written.catch(() => undefined);
      return written;
    },
    list: () => list(folder),
  };
}

const SUFFIX = ".json";

function stateFile(folder: string, streamKey: string): string {
  if (!/^[A-Za-z0-9_%~-][A-Za-z0-9_.%~-]*$/.test(streamKey)) {
    throw new PermanentError(`Cannot name a file after the stream key "${streamKey}"`);
  }
  return join(folder, streamKey + SUFFIX);
}

async function read(file: string): Promise<StreamState | undefined> {
  try {
    return decodeState(await readFile(file, "utf8"), file);
  } catch (error) {
    if (fileFaultCode(error) === "ENOENT") return undefined;
    throw asFileError(`read the state "${file}"`, error);
  }
}

async function save(folder: string, file: string, state: StreamState): Promise<void> {
  const current = await readOrSetAside(folder, file);
  if (current !== undefined && current.seq > state.seq) return;
  // The lock makes this name ours; what a crash leaves there, the next write of the stream replaces.
  const aside = join(folder, `.${basename(file, SUFFIX)}.tmp`);
  const handle = await open(aside, "w");
  try {
    await handle.writeFile(encodeState(state));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(aside, file);
  await syncFolder(folder);
}

/** What somebody has damaged is kept for them under another name, the last such only: it is a hint and nothing more. */
async function readOrSetAside(folder: string, file: string): Promise<StreamState | undefined> {
  try {
    return await read(file);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    await rename(file, join(folder, `.${basename(file, SUFFIX)}.damaged`));
    return undefined;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function list(folder: string): Promise<Map<string, StreamState>> {
  const states = new Map<string, StreamState>();
  for (const name of (await names(folder)).sort()) {
    if (name.startsWith(".") || !name.endsWith(SUFFIX)) continue;
    const state = await read(join(folder, name)).catch(undefinedIfDamaged);
    if (state !== undefined) states.set(name.slice(0, -SUFFIX.length), state);
  }
  return states;
}

/** One damaged state must not hide the others. */
function undefinedIfDamaged(error: unknown): undefined {
  if (!(error instanceof PermanentError)) throw error;
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (fileFaultCode(error) === "ENOENT") return [];
    throw asFileError(`list the states in "${folder}"`, error);
  }
}

function asFileError(action: string, error: unknown): Error {
  if (error instanceof PermanentError) return error;
  const message = `Cannot ${action}: ${errorMessage(error)}`;
  return isLastingFileFault(error)
    ? new PermanentError(message, { cause: error })
    : new TransientError(message, { cause: error });
}
