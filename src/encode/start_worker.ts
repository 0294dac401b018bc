/**
 * Starts an encode worker from its module, without any permission.
 *
 * `url` is `encode_worker.ts` (the default) or, in a compiled executable, the file it was bundled into. Wants the flag
 * `--unstable-worker-options`; without it Deno refuses the option rather than give the worker our permissions.
 */
export function startEncodeWorker(
  url: URL = new URL("./encode_worker.ts", import.meta.url),
): Worker {
  return new Worker(url, { type: "module", name: "encode", deno: { permissions: "none" } });
}
