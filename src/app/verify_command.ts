import type { LakeConfig } from "../config/config.ts";
import { limitRequests } from "../destination/s3/limit_requests.ts";
import { FEED_PART_BYTES } from "../encode/compress/object_feed.ts";
import { objectInspector } from "../encode/inspect_object.ts";
import {
  type Acceptance,
  acceptLosses,
  type CountingAcceptance,
} from "../journal/losses/accept_losses.ts";
import { assertJournalPlace } from "../journal/journal_place.ts";
import { createObjectJournal } from "../journal/object_journal.ts";
import { type LakeNews, type LakeReport, verifyLake } from "../journal/verify/verify_lake.ts";
import type { InspectObject, VerifyOptions } from "../journal/verify/verify_options.ts";
import { ByteLimiter } from "../support/flow/byte_limiter.ts";
import { ReplacedObjects } from "../table/retention/replaced_objects.ts";
import { callWithin } from "../support/flow/call_within.ts";
import { isoTime } from "../support/clock.ts";
import type { Command } from "./commands.ts";
import { type Resources, withResources } from "./adapters.ts";

/** Requests of one verification that are under way at once. */
const VERIFY_REQUESTS_MAX = 64;

/** Parts of objects that are held at once. */
const INSPECTED_BYTES_MAX = 64 * 1024 * 1024;

/** Whoever keeps states has so long to tell them: they are a hint. */
const STATES_MS_MAX = 15_000;

/** What is to be verified, and how closely. */
export interface VerifyChoice extends Pick<VerifyOptions, "sinceSeconds" | "depth"> {
  readonly stream?: string;
}

/** Notes in the lake that somebody knows of losses. */
export function accept(
  config: LakeConfig,
  command: Command,
  acceptance: Pick<Acceptance, "stream" | "seqs" | "reason">,
): Promise<CountingAcceptance[]> {
  return withResources(config, command, async (resources) => {
    const places = await resources.places({ forProbe: true });
    const { lake } = places;
    await assertJournalPlace(places);
    command.reached();
    const { hostName, clock } = command.tools;
    return await acceptLosses(lake, createObjectJournal(lake), {
      ...acceptance,
      acceptedBy: hostName,
      acceptedAt: isoTime(clock.wallMs()),
    });
  });
}

/** Compares a lake with its journals and the state store; `news` is told what is found on the way. */
export function verify(
  config: LakeConfig,
  command: Command,
  choice: VerifyChoice,
  news: LakeNews,
): Promise<LakeReport> {
  return withResources(config, command, async (resources) => {
    // A person waits: a wrong address shows at once, and only then is everything tried again patiently.
    await assertJournalPlace(await resources.places({ forProbe: true }));
    const opened = await resources.places({ connectionsMax: VERIFY_REQUESTS_MAX });
    const destination = limitRequests(opened.destination, VERIFY_REQUESTS_MAX);
    const lake = opened.lake === opened.destination
      ? destination
      : limitRequests(opened.lake, VERIFY_REQUESTS_MAX);
    const { stream, ...how } = choice;
    const { clock } = command.tools;
    const inspect = inspectWithin(objectInspector(destination));
    const replaced = new ReplacedObjects({
      ...{ records: lake, objects: destination },
      ...(how.depth === "everything"
        ? { inspect: (key: string, bytes: number) => inspect(key, bytes, "everything") }
        : {}),
    });
    const parts: VerifyOptions = {
      journal: createObjectJournal(lake),
      ...{ lake, destination },
      clock,
      inspect,
      replaced: (missing) => replaced.look(missing),
      ...how,
    };
    const states = stateLister(config, resources, command);
    return await verifyLake(parts, {
      ...(stream === undefined ? {} : { stream }),
      ...(states === undefined ? {} : { states }),
    }, news);
  });
}

function inspectWithin(inspect: InspectObject): InspectObject {
  const limiter = new ByteLimiter(INSPECTED_BYTES_MAX);
  return (key, bytes, depth) =>
    limiter.run(Math.min(bytes, FEED_PART_BYTES), () => inspect(key, bytes, depth));
}

/** What one process keeps in its memory nobody else can ask for. */
function stateLister(config: LakeConfig, resources: Resources, { tools, signal }: Command) {
  if (config.stateStore.kind === "memory") return undefined;
  return () => callWithin(tools.clock, STATES_MS_MAX, signal, () => resources.state().list());
}
