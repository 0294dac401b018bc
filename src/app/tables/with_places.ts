import type { LakeConfig } from "../../config/config.ts";
import { assertJournalPlace } from "../../journal/journal_place.ts";
import { type Places, withResources } from "../adapters.ts";
import type { Command } from "../commands.ts";

/** Works where a lake lies. A person waits: a wrong address shows at once, and only then is everything tried again patiently. */
export function withPlaces<T>(
  config: LakeConfig,
  command: Command,
  work: (places: Places) => Promise<T>,
): Promise<T> {
  return withResources(config, command, async (resources) => {
    await assertJournalPlace(await resources.places({ forProbe: true }));
    command.reached();
    return await work(await resources.places());
  });
}
