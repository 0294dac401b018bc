import { join } from "node:path";
import { errorMessage } from "../../src/model/errors.ts";
import { systemClock } from "../../src/support/clock.ts";
import { type Counts, runTests } from "./run_tests.ts";

/** Tests of one part of the command: the files in a folder. */
export interface PartOfFiles {
  readonly name: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface SideBySideOptions {
  readonly root: string;
  /** Further flags of `deno test`. */
  readonly flags: readonly string[];
  /** How many files run at once. */
  readonly atOnceMax: number;
  /** Ends the tests. */
  readonly signal: AbortSignal;
  readonly print: (bytes: Uint8Array) => void;
  /** Begins what a file may take; when it aborts, the file is ended, and is a failure. Default half an hour. */
  readonly fileLimit?: () => AbortSignal;
}

export interface PartResult {
  readonly name: string;
  readonly counts: Counts;
  /** From the start of its first file to the end of its last one. */
  readonly seconds: number;
  /** The files that failed. */
  readonly failed: readonly string[];
}

interface FileOfPart {
  readonly part: PartOfFiles;
  readonly path: string;
}

const FILE_MS_MAX = 30 * 60_000;
const NOT_RUN: Counts = { passed: 0, failed: 1 };

/**
 * Runs each file in a process of its own, in their order, some at once: most of them wait for something. What a file prints
 * appears in one piece when it has ended. Answers one result for each part, in their order.
 */
export async function runSideBySide(
  parts: readonly PartOfFiles[],
  options: SideBySideOptions,
): Promise<PartResult[]> {
  const files = parts.flatMap((part) =>
    testFiles(options.root, part.folder).map((path) => ({ part, path }))
  );
  const results = new Map(parts.map((part) => [part, new Result(part.name)]));
  const waiting = files.values();
  const workOff = async () => {
    for (const file of waiting) await runFile(file, results.get(file.part)!, options);
  };
  await Promise.all(Array.from({ length: options.atOnceMax }, workOff));
  return [...results.values()];
}

async function runFile(file: FileOfPart, result: Result, options: SideBySideOptions) {
  const printed: Uint8Array[] = [];
  const startMs = systemClock.monotonicMs();
  const counts = await countsOf(file, options, (bytes) => void printed.push(bytes));
  const endMs = systemClock.monotonicMs();
  result.add(file.path, counts, startMs, endMs);
  const seconds = ((endMs - startMs) / 1000).toFixed(1);
  options.print(encode(`\n-- ${file.path}: ${said(counts)} in ${seconds} s\n`));
  for (const bytes of printed) options.print(bytes);
}

/** A failure where the file takes too long, or no process can be started for it. */
async function countsOf(
  { part, path }: FileOfPart,
  { root, flags, signal, fileLimit = () => AbortSignal.timeout(FILE_MS_MAX) }: SideBySideOptions,
  print: (bytes: Uint8Array) => void,
): Promise<Counts> {
  const limit = fileLimit();
  const either = AbortSignal.any([signal, limit]);
  try {
    const counts = await runTests({ path, root, flags, env: part.env, signal: either, print });
    if (limit.aborted) print(encode("Ended: this file takes longer than any may\n"));
    return counts ?? NOT_RUN;
  } catch (error) {
    print(encode(`${errorMessage(error)}\n`));
    return NOT_RUN;
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** `3 passed, 0 failed` */
export function said({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`;
}

/** All files of tests in a folder and below, sorted. */
function testFiles(root: string, folder: string): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return testFiles(root, path);
    return entry.name.endsWith("_test.ts") ? [path] : [];
  }).sort();
}

class Result implements PartResult {
  readonly name: string;
  readonly failed: string[] = [];
  counts: Counts = { passed: 0, failed: 0 };
  #startMs: number | undefined;
  #endMs = 0;

  constructor(name: string) {
    this.name = name;
  }

  get seconds(): number {
    return (this.#endMs - (this.#startMs ?? this.#endMs)) / 1000;
  }

  add(path: string, { passed, failed }: Counts, startMs: number, endMs: number): void {
    this.counts = { passed: this.counts.passed + passed, failed: this.counts.failed + failed };
    if (failed > 0) this.failed.push(path);
    this.#startMs = Math.min(this.#startMs ?? startMs, startMs);
    this.#endMs = Math.max(this.#endMs, endMs);
  }
}
