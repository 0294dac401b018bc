/** Reasons as people see them: one fault is met on many ways through the program, and stays one sentence. */
import { isSameFault, type ServiceName } from "./service_step.ts";

const CALL = /^Cannot call [A-Z]+ on ([^ ]+?): /;

/** Without the call that met it; the address stays, unless the rest names one. */
export function plainReason(reason: string): string {
  const address = CALL.exec(reason)?.[1];
  if (address === undefined) return reason;
  const rest = reason.replace(CALL, "");
  return /:\d+\b/.test(rest) ? rest : `${rest} (${address})`;
}

/** What follows from almost any fault, and tells none. */
const VAGUE =
  /no answer|no connection|connection\b.*\b(closed|broke|lost)|timed out|monitor timeout|ETIMEDOUT/i;

/** Whether it says no more than that something failed. */
export function isVague(reason: string): boolean {
  return VAGUE.test(reason);
}

/** Which of two reasons of one fault is shown: the newer, unless it says less than the one before, or the same in other words. */
export function steadyReason(
  name: ServiceName,
  before: string | undefined,
  now: string | undefined,
): string | undefined {
  if (before === undefined || now === undefined) return now;
  if (isVague(now)) return before;
  return isSameFault(name, before, now) ? before : now;
}
