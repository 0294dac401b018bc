import { link, mkdir, readdir, readFile, rename, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorMessage, PermanentError, TransientError } from "../../model/errors.ts";
import { fileFaultCode, isLastingFileFault } from "../../support/file_fault.ts";

/** Names that begin so are no entries: files being written. */
const HIDDEN = ".";

/** The names in a folder, in order; none where it does not exist. Files being written are left out. */
export async function namesIn(folder: string): Promise<string[]> {
  const names = await orAbsent(() => readdir(folder), `list "${folder}"`) ?? [];
  return names.filter((name) => !name.startsWith(HIDDEN)).sort();
}

/** The file's text; undefined where there is none. */
export function readText(path: string): Promise<string | undefined> {
  return orAbsent(() => readFile(path, "utf8"), `read "${path}"`);
}

/** Replaces the file in one step, folders included. `writer` is unique among those who write there at the same time. */
export async function replaceText(path: string, text: string, writer: string): Promise<void> {
  const aside = join(dirname(path), `${HIDDEN}${writer}.tmp`);
  await orExplain(async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(aside, text);
    await rename(aside, path);
  }, `write "${path}"`);
}

/** Creates the file with its text in one step; false where there is one already. `writer` as in `replaceText`. */
export async function createText(path: string, text: string, writer: string): Promise<boolean> {
  const aside = join(dirname(path), `${HIDDEN}${writer}.tmp`);
  return await orExplain(async () => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(aside, text);
    try {
      await link(aside, path);
      return true;
    } catch (error) {
      if (fileFaultCode(error) === "EEXIST") return false;
      throw error;
    } finally {
      await unlink(aside);
    }
  }, `create "${path}"`);
}

/** Removes the file; says whether there was one. */
export async function removeFile(path: string): Promise<boolean> {
  return await orAbsent(async () => {
    await unlink(path);
    return true;
  }, `remove "${path}"`) ?? false;
}

async function orAbsent<T>(action: () => Promise<T>, what: string): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (fileFaultCode(error) === "ENOENT") return undefined;
    throw explain(error, what);
  }
}

async function orExplain<T>(action: () => Promise<T>, what: string): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw explain(error, what);
  }
}

function explain(error: unknown, what: string): Error {
  const message = `Cannot ${what}: ${errorMessage(error)}`;
  return isLastingFileFault(error)
    ? new PermanentError(message, { cause: error })
    : new TransientError(message, { cause: error });
}
