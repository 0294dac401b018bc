import { type Clock, systemClock, type Timer } from "../../src/support/clock.ts";

const LOOK_MS = 500;

/**
 * Calls `onLoss` once when a program that launched this one has gone. `npx` and `deno task` do not pass signals on:
 * whoever kills them leaves us running, and only the chain of parents shows it.
 */
export function watchLaunchers(onLoss: () => void, clock: Clock = systemClock): Disposable {
  const before = launcherChain();
  let timer: Timer;
  const look = () => {
    if (launcherChain() !== before) return onLoss();
    timer = clock.after(LOOK_MS, look);
  };
  timer = clock.after(LOOK_MS, look);
  return { [Symbol.dispose]: () => timer.cancel() };
}

/**
 * The ids of our parent and of those above it that are launchers too. A shell or a session manager ends the chain: it may leave
 * while we go on, as with `nohup`.
 */
function launcherChain(): string {
  const chain = [Deno.ppid];
  if (Deno.build.os !== "linux") return chain.join(" ");
  try {
    for (let pid = Deno.ppid; pid > 1 && isLauncher(pid);) {
      const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
      // The name, in parentheses, may contain anything; the parent is the second field after it.
      pid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      chain.push(pid);
    }
  } catch (error) {
    // One of them ended while we looked: the chain is another one, and so is this text.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return chain.join(" ");
}

function isLauncher(pid: number): boolean {
  const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0").slice(0, 4).join(" ");
  return /\b(deno|npx|npm)\b/.test(command);
}
