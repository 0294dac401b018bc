import { PermanentError } from "../../model/errors.ts";
import type { Stream } from "../../model/stream.ts";

/** What every version of MongoDB leaves as it is when it makes a regular expression of a namespace. */
const REPETITION = /\{\d+(,\d*)?\}/;

/**
 * Refuses what MongoDB would never tell anything of: from the name in a stream's own namespace it makes a regular
 * expression, in which `{2}` repeats what stands before. `a{2}` gives silence, or the events of `aa`; `{2}` is no expression.
 */
export function refuseRepeatingName(stream: Stream): PermanentError | undefined {
  if (stream.level === "deployment") return undefined;
  const name = stream.level === "database"
    ? stream.database
    : `${stream.database}.${stream.collection}`;
  const [found] = REPETITION.exec(name) ?? [];
  if (found === undefined) return undefined;
  const wider = REPETITION.test(stream.database) ? "deployment" : "database";
  const text = `Cannot watch ${name}: MongoDB takes ${found} in its name for a repetition, and ` +
    `tells nothing of it; rename it, or set WATCH_LEVEL=${wider}`;
  return new PermanentError(text, { mend: "configuration" });
}
