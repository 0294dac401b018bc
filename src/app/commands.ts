import { checkCollections } from "./check_collections.ts";
import { checkSnapshots, ifNobodyAsked, SNAPSHOTS_SUBJECT, whyNone } from "./check_snapshots.ts";
import { checkTables } from "./tables/check_tables.ts";
import { CATALOG_SUBJECT, checkIcebergCatalog } from "./tables/iceberg_catalog.ts";
import { assertRoomForStreams } from "./check_keys.ts";
import { streamChoice, streamLimits } from "./pipeline_settings.ts";
import { streamParts } from "./stream_parts.ts";
import { meetingPlace } from "./fleet_location.ts";
import { noIfMatch } from "./leased_fleet.ts";
import { type AppTools, type Resources, withResources } from "./adapters.ts";
import { findWithoutStream } from "./without_stream.ts";
import type { Config, LakeConfig } from "../config/config.ts";
import { collectionChoice, watchedCollections, wholeStreams } from "../config/watched_streams.ts";
import { streamSettings } from "../config/stream_settings.ts";
import { openFleet } from "../coordinate/open_fleet.ts";
import { Rivals } from "../coordinate/rivals.ts";
import type { RedisCaller } from "../coordinate/redis/redis_caller.ts";
import { replacesByEtag } from "../coordinate/objects/replace_probe.ts";
import { FLEET_COMMANDS, rehearseFleet } from "../coordinate/redis/redis_rehearsal.ts";
import { checkDestination } from "../destination/probe.ts";
import { ENCODER_VERSION } from "../model/columns.ts";
import { createInlineEncoder } from "../encode/inline_encoder.ts";
import { assertJournalPlace, claimJournalPlace } from "../journal/journal_place.ts";
import { createObjectJournal } from "../journal/object_journal.ts";
import { createObjectLayouts } from "../journal/object_layouts.ts";
import { createObjectSnapshots } from "../journal/object_snapshots.ts";
import { selectionOf } from "../model/selection.ts";
import {
  createLakeView,
  createOperator,
  type LakeView,
  type Operator,
} from "../operate/operator.ts";
import { AS_BEFORE } from "../pipeline/record/record_format.ts";
import { announceSnapshots } from "../pipeline/snapshot/announce.ts";
import { judgePreflight } from "../source/mongo/judge_preflight.ts";
import { judgeWithoutStream } from "../source/mongo/without_stream.ts";
import { createObjectSink } from "../sink/object_sink.ts";
import { checkRedis } from "../state/check_redis.ts";
import { rehearseState, STATE_COMMANDS } from "../state/redis_state.ts";
import { type Finding, findingsOf } from "../support/check_result.ts";
import type { Random } from "../support/random.ts";

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
    const places = await resources.places({ forProbe: true });
    await Promise.all([source.describe(signal), claimJournalPlace(places, tools.random)]);
    reached();
    const parts = streamParts(resources.streamAdapters(source, places), streamLimits(config));
    const owner = `operator-${tools.hostName}-${tools.random.uuid()}`;
    const encoder = createInlineEncoder(tools.clock);
    const { settings, options } = streamChoice(config);
    const given = { settings, options, encoder, owner, signal, recordFormat: AS_BEFORE };
    const files = createObjectSnapshots(places.lake);
    const { snapshot: wish } = config;
    const { journal, clock } = parts;
    const snapshots = announceSnapshots({ files, journal, clock, wish });
    return await work(createOperator({ ...parts, ...given, snapshotFiles: files, snapshots }));
  });
}

/** Lets a person look into a lake. */
export function look<T>(
  config: LakeConfig,
  command: Command,
  work: (view: LakeView) => Promise<T>,
): Promise<T> {
  return withResources(config, command, async (resources) => {
    const places = await resources.places({ forProbe: true });
    const { lake, destination } = places;
    await assertJournalPlace(places);
    command.reached();
    const journal = createObjectJournal(lake);
    return await work(
      createLakeView(journal, createObjectLayouts(lake), createObjectSink(destination)),
    );
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
        const source = resources.source({ awaitMs: CHECK_AWAIT_MS });
        const collections = await watchedCollections(
          config.watch,
          (filter) => source.listNamespaces(filter, undefined, signal),
        );
        const without = await findWithoutStream(source, config.watch, signal);
        const refused = new Set(without.named.map((each) => `${each.database}.${each.collection}`));
        const usable = collections.filter((c) => !refused.has(`${c.database}.${c.collection}`));
        const streams = [...wholeStreams(config.watch), ...usable];
        const settings = streamSettings(config, ENCODER_VERSION);
        const { partitions } = config;
        const facts = await source.preflight({ streams, settings, partitions }, signal);
        const { filter } = collectionChoice(config.watch);
        return [
          ...judgePreflight(facts),
          ...judgeWithoutStream(without),
          ...await checkCollections(source.namespaces, filter, signal),
        ];
      }),
      ...config.snapshot.kind === "off" && config.snapshot.why === undefined
        ? []
        : [look(SNAPSHOTS_SUBJECT, async () => {
          const found = lookAtSnapshots(config, command, resources);
          return await (config.snapshot.kind === "initial" ? found : found.catch(ifNobodyAsked));
        })],
      look("Destination", async () => {
        const { lake, destination } = await resources.places({ forProbe: true });
        await assertRoomForStreams(destination, config);
        if (lake === destination) await assertJournalPlace({ lake, destination });
        return await checkDestination(destination, tools.random);
      }),
      ...config.tables.length === 0 ? [] : [look("Tables", async () => {
        const { destination } = await resources.places({ forProbe: true });
        return await checkTables(config, destination);
      })],
      ...config.iceberg === undefined
        ? []
        : [look(CATALOG_SUBJECT, () => checkIcebergCatalog(config, command))],
      ...config.journal === undefined ? [] : [look("Journal", async () => {
        const places = await resources.places({ forProbe: true });
        await assertJournalPlace(places);
        return await checkDestination(places.lake, tools.random, "Journal");
      })],
      ...config.redis === undefined
        ? []
        : [look("Redis", () => checkMeeting(config, resources, tools.random))],
      ...config.lock.kind === "destination"
        ? [look("Leases", () => checkLeases(config, resources, tools.random))]
        : [],
      ...config.lock.kind === "memory"
        ? []
        : [look("Instances", () => checkRivals(config, command, resources))],
    ]);
    return found.flat();
  });
}

/** What will be read of the documents that are there. */
async function lookAtSnapshots(
  config: Config,
  { signal }: Command,
  resources: Resources,
): Promise<readonly Finding[]> {
  const source = resources.source();
  const { lake } = await resources.places({ forProbe: true });
  const collections = await watchedCollections(
    config.watch,
    (filter) => source.listNamespaces(filter, undefined, signal),
  );
  const { snapshotRateMax: most } = config;
  const none = await whyNone(config.snapshot, () => source.describe(signal));
  return await checkSnapshots({
    ...(none === undefined ? {} : { none }),
    documents: source.documents,
    files: createObjectSnapshots(lake),
    journal: createObjectJournal(lake),
    targets: [...wholeStreams(config.watch), ...collections],
    namespaces: streamSettings(config, ENCODER_VERSION).namespaces,
    ...(most === undefined ? {} : { documentsPerSecondMax: most }),
  }, signal);
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

/** Whether the lake can keep leases, and what it makes of their many versions. */
async function checkLeases(
  config: Config,
  resources: Resources,
  random: Random,
): Promise<readonly Finding[]> {
  const subject = "Leases";
  const objects = resources.sharedObjects();
  if (!await replacesByEtag(objects, random)) {
    const state = config.lock.isChosen ? "failed" : "warning";
    return [{ subject, state, text: noIfMatch(config) }];
  }
  const text = "copies of this pipeline share its streams where the lake's own files lie";
  if (!objects.keepsVersions) return [{ subject, state: "ok", text }];
  const versions = Math.round(MONTH_MS / config.lock.refreshIntervalMs).toLocaleString("en-US");
  return [{ subject, state: "ok", text }, {
    subject,
    state: "warning",
    text: `the bucket keeps versions, and each copy writes ${versions} a month below ` +
      "_tributary/fleet/; let a lifecycle rule delete noncurrent versions there after a day, or " +
      "set REDIS_URL",
  }];
}

const MONTH_MS = 30 * 24 * 3_600_000;

/** Whether Redis lets an instance do all that it does there, under a name that no instance has. */
async function checkMeeting(
  config: Config,
  resources: Resources,
  random: Random,
): Promise<readonly Finding[]> {
  const { lock, stateStore, pipelineName } = config;
  const keyPrefix = `{${lock.keyPrefix}:${pipelineName}}`;
  const name = `check-${random.hex(8)}`;
  const meets = lock.kind === "redis";
  const keepsState = stateStore.kind === "redis";
  const commands = [...(meets ? FLEET_COMMANDS : []), ...(keepsState ? STATE_COMMANDS : [])];
  return await checkRedis(resources.redis(), { keyPrefix, commands }, [
    ...(meets ? [(redis: RedisCaller) => rehearseFleet(redis, keyPrefix, name)] : []),
    ...(keepsState ? [(redis: RedisCaller) => rehearseState(redis, keyPrefix, name)] : []),
  ]);
}

/** Streams that cannot share a change stream are opened one by one, and nobody waits for their events. */
const CHECK_AWAIT_MS = 50;

/** Each server has so long to answer. */
const CHECK_MS_MAX = 9_000;
