import type { VerbContext } from "../../src/cli/verb.ts";
import {
  loadConfig,
  loadHttpOptions,
  loadLakeConfig,
  loadSourceConfig,
} from "../../src/config/resolve/load.ts";
import { fakeHost } from "./fake_host.ts";
import { MACHINE, sourcesOf } from "./load_config.ts";

/** What a verb is given that was called with these variables and options; `stderr` is what it writes there. */
export function verbContext(
  env: Readonly<Record<string, string>>,
  options: Readonly<Record<string, string>> = {},
): { readonly context: VerbContext; readonly stderr: readonly string[] } {
  const { host, stderr } = fakeHost({});
  const sources = sourcesOf({ env });
  return {
    stderr,
    context: {
      host,
      args: [],
      options: new Map(Object.entries(options)),
      settingFlags: new Map(),
      loadConfig: () => loadConfig(sources, MACHINE),
      loadLakeConfig: () => loadLakeConfig(sources, MACHINE),
      loadSourceConfig: () => loadSourceConfig(sources, MACHINE),
      loadHttpOptions: () => loadHttpOptions(sources),
    },
  };
}
