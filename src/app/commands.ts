import { assertRoomForStreams } from "./check_keys.ts";
import { planeOf } from "./plane.ts";
import { meetingPlace } from "./meeting_place.ts";
import { type AppTools, type Resources, withResources } from "./resources.ts";
import type { Config, LakeConfig } from "../config/config.ts";
import { watchedCollections, wholeStreams } from "../config/watched_streams.ts";
import { streamSettings } from "../config/stream_settings.ts";
import { openFleet } from "../coordinate/fleet.ts";
import { Rivals } from "../coordinate/rivals.ts";
import { checkDestination } from "../destination/probe.ts";
import { ENCODER_VERSION } from "../encode/columns.ts";
import { createInlineEncoder } from "../encode/inline_encoder.ts";
import { createObjectJournal } from "../journal/object_journal.ts";
import { createObjectLayouts } from "../journal/object_layouts.ts";
import { selectionOf } from "../model/selection.ts";
import {
  createLakeView,
  createOperator,
  type LakeView,
  type Operator,
} from "../pipeline/operator.ts";
import { AS_BEFORE } from "../pipeline/record_format.ts";
import { judgePreflight } from "../source/judge_preflight.ts";
import { checkRedis } from "../state/check_redis.ts";
import { type Finding, findingsOf } from "../support/finding.ts";

/** A verb at work. */
export interface Command {
  readonly tools: AppTools;
  /** Aborted when it is to end. */
  readonly signal: AbortSignal;
  /** To be called once the servers have answered. */
  readonly reached: () => void;
}

/** Lets a person do something to streams. */
export function operate<T>(
  config: Config,
  command: Command,
  work: (operator: Operator) => Promise<T>,
): Promise<T> {
  const { tools, signal, reached } = command;
  return withResources(config, command, async (resources) => {
    const source = resources.source();
    const destination = await resources.destination({ forProbe: true });
    await Promise.all([source.describe(signal), destination.listFolders("_tributary/")]);
    reached();
    const plane = planeOf(config, tools, resources, { source, destination });
    const owner = `operator-${tools.hostName}-${tools.random.uuid()}`;
    const encoder = createInlineEncoder(tools.clock);
    return await work(
      createOperator({ ...plane, recordFormat: AS_BEFORE, encoder, owner, signal }),
    );
  });
}

/** Lets a person look into a lake. */
export function look<T>(
  config: LakeConfig,
  command: Command,
  work: (view: LakeView) => Promise<T>,
): Promise<T> {
  return withResources(config, command, async (resources) => {
    const destination = await resources.destination({ forProbe: true });
    await destination.listFolders("_tributary/");
    command.reached();
    const journal = createObjectJournal(destination);
    return await work(createLakeView(journal, createObjectLayouts(destination)));
  });
}

/** What can be found wrong before a start: with MongoDB, the destination and Redis, looked at side by side. */
export function check(config: Config, command: Command): Promise<readonly Finding[]> {
  const { tools, signal } = command;
  const look = (subject: string, work: () => Promise<readonly Finding[]>) =>
    findingsOf(subject, tools.clock, CHECK_MS_MAX, work);
  return withResources(config, command, async (resources) => {
    const found = await Promise.all([
      look("MongoDB", async () => {
        const source = resources.source();
        const collections = await watchedCollections(
          config.watch,
          (filter) => source.listNamespaces(filter, undefined, signal),
        );
        const streams = [...wholeStreams(config.watch), ...collections];
        const settings = streamSettings(config, ENCODER_VERSION);
        return judgePreflight(await source.preflight({ streams, settings }, signal));
      }),
      look("Destination", async () => {
        const destination = await resources.destination({ forProbe: true });
        await assertRoomForStreams(destination, config);
        return await checkDestination(destination, tools.random);
      }),
      ...config.redis === undefined
        ? []
        : [look("Redis", async () => await checkRedis(resources.redis()))],
      ...config.lock.kind === "memory"
        ? []
        : [look("Instances", () => checkRivals(config, command, resources))],
    ]);
    return found.flat();
  });
}

/** Whether instances are at work that select other events. */
async function checkRivals(
  config: Config,
  { tools: { clock, random } }: Command,
  resources: Resources,
): Promise<readonly Finding[]> {
  const { members } = openFleet(meetingPlace(config, resources), clock, random);
  const selection = selectionOf(streamSettings(config, ENCODER_VERSION));
  const rivals = new Rivals({ members, owner: "", selection, clock });
  // Where the instances meet is looked at by itself, and what is wrong with it is said there.
  const found = await rivals.all().catch(() => []);
  return found.map((rival) => ({
    subject: "Instances",
    state: "warning",
    text: rivals.sentenceOf(rival),
  }));
}

/** Each server has so long to answer. */
const CHECK_MS_MAX = 9_000;
