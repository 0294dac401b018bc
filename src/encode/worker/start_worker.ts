/**
 * Where the encode worker's module lies: beside this file when run from source, and beside the program's bundle, as a
 * bundle of its own, when not.
 */
export function encodeWorkerUrl(here: string = import.meta.url): URL {
  return new URL(here.endsWith(".ts") ? "./encode_worker.ts" : "./encode_worker.js", here);
}

/**
 * Starts an encode worker from its module, without any permission.
 *
 * Wants the flag `--unstable-worker-options`; without it Deno refuses the option rather than give the worker our
 * permissions.
 */
export function startEncodeWorker(url: URL = encodeWorkerUrl()): Worker {
  return new Worker(url, { type: "module", name: "encode", deno: { permissions: "none" } });
}
