import { cpus, release, totalmem } from "node:os";
import { isoTime, systemClock } from "../../src/support/clock.ts";
import { VERSION } from "../../src/support/version.ts";

/** Where and when something was measured. */
export interface Machine {
  readonly date: string;
  readonly tributary: string;
  readonly deno: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Before anything was measured. */
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    date: isoTime(systemClock.wallMs()),
    tributary: VERSION,
    deno: Deno.version.deno,
    system: `${Deno.build.target} ${release()}`,
    processor: cpus()[0]?.model ?? "",
    cores: navigator.hardwareConcurrency,
    memoryBytes: totalmem(),
    load: Deno.loadavg()[0]!,
  };
}
