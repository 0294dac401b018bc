import { dirname } from "node:path";

/**
 * A lock on a file, which is made where it is missing with its folder: two runs at once install once. The system gives it back
 * however the holder ends.
 */
export async function takeLock(path: string): Promise<Disposable> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const file = await Deno.open(path, { create: true, write: true });
  await file.lock(true);
  return file;
}
