/** What a process has used, of all its threads. */
export interface Usage {
  /** CPU time, user and system, in microseconds. In steps of 10,000: the kernel counts in ticks of 10 ms. */
  readonly cpuMicros: number;
  /** The most memory it ever had resident (VmHWM), in bytes. */
  readonly peakBytes: number;
  /** The memory it has resident now (VmRSS), in bytes. */
  readonly residentBytes: number;
}

/** Linux counts CPU time of processes in hundredths of a second for whoever reads /proc. */
const MICROS_A_TICK = 10_000;

/** What a running process has used so far. Linux only. */
export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    Deno.readTextFile(`/proc/${pid}/stat`),
    Deno.readTextFile(`/proc/${pid}/status`),
  ]);
  return {
    cpuMicros: cpuMicrosOf(stat),
    peakBytes: peakBytesOf(status),
    residentBytes: residentBytesOf(status),
  };
}

/**
 * CPU time of the threads that a process has now, in microseconds and exact to a fraction of one: for pieces of work that
 * take some ticks only, of processes whose threads stay. Linux only.
 */
export async function threadsCpuMicros(pid: number): Promise<number> {
  const names = await Array.fromAsync(Deno.readDir(`/proc/${pid}/task`), ({ name }) => name);
  const nanos = await Promise.all(names.map(async (name) => {
    // A thread may have ended by now.
    const text = await Deno.readTextFile(`/proc/${pid}/task/${name}/schedstat`).catch(() => "0");
    return Number(text.split(" ")[0]);
  }));
  return nanos.reduce((sum, each) => sum + each, 0) / 1000;
}

/** Out of `/proc/PID/stat`: utime and stime are the 14th and 15th field; the name before may contain anything. */
export function cpuMicrosOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MICROS_A_TICK;
}

/** Out of `/proc/PID/status`. */
export function peakBytesOf(status: string): number {
  return kilobytes(/^VmHWM:\s+(\d+) kB$/m.exec(status)) * 1024;
}

/** Out of `/proc/PID/status`. */
export function residentBytesOf(status: string): number {
  return kilobytes(/^VmRSS:\s+(\d+) kB$/m.exec(status)) * 1024;
}

function kilobytes(match: RegExpExecArray | null): number {
  return Number(match?.[1] ?? NaN);
}
