import { processHost } from "./src/cli/host.ts";
import { runProgram } from "./src/cli/program.ts";
import { GROUPS, VERBS } from "./src/cli/verbs.ts";

if (import.meta.main) {
  // The process ends here and nowhere else; whatever a verb left open does not keep it alive.
  Deno.exit(await runProgram(processHost(), VERBS, GROUPS));
}
