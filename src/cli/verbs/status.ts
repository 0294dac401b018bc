import type { LakeConfig } from "../../config/config.ts";
import { errorMessage } from "../../model/errors.ts";
import { sleep, systemClock } from "../../support/clock.ts";
import { redact } from "../../support/redact.ts";
import { FLEET_SETTINGS } from "../fleet_settings.ts";
import { troubleHere } from "../instance/instance_here.ts";
import { type Instance, instanceOrExplain, URL_OPTION } from "../instance/instance_request.ts";
import {
  isNoView,
  limitsOf,
  lookAtInstance,
  type NoView,
  thatInstance,
} from "../instance/look_at_instance.ts";
import type { StatusView } from "../text/status_view.ts";
import { type Surroundings, withSurroundings } from "../with_app.ts";
import { EXIT, type ExitCode, HTTP_VERB_SETTINGS, type Verb, type VerbContext } from "../verb.ts";
import { whereToAsk } from "../instance/where_to_ask.ts";

/** How often `--watch` looks. */
const WATCH_MS = 1000;

/** Where a terminal's cursor goes home, and everything below it away. */
const CLEAR = "\x1b[H\x1b[J";

/** `tributary status`. */
export const status: Verb = {
  name: "status",
  summary: "Show whether all is well, and all streams and instances",
  example: "tributary status --redis-url redis://cache:6379 --destination s3://lake/shop --watch",
  settings: [...FLEET_SETTINGS, ...HTTP_VERB_SETTINGS],
  options: [
    { flags: "--watch", description: "look again each second until interrupted" },
    { flags: "--wide", description: "everything that is known, in long lines" },
    { flags: "--json", description: "print JSON; with --watch one line for each look" },
    {
      flags: "--sql [DIALECT]",
      description: "print the query for the latest state: duckdb, spark, trino, ...",
    },
    URL_OPTION,
  ],
  async run(context) {
    const sql = context.options.get("sql");
    if (sql !== undefined) {
      const { printSql } = await import("../print_sql.ts");
      return await printSql(context, sql === true ? "duckdb" : sql);
    }
    const where = whereToAsk(context, "look");
    if (typeof where === "number") return where;
    const tools = await statusTools();
    if (where.kind === "meeting") return await askMeeting(context, where.config, tools);
    const { config, isFaulty = false } = where;
    const instance = instanceOrExplain(context, isFaulty);
    if (typeof instance === "number") return instance;
    return await withSurroundings(context.host, async (around) => {
      const first = await lookAtInstance(instance, context, config);
      if (isFaulty) {
        context.host.stderr.write(isNoView(first) ? first.said : thatInstance(instance));
        if (isNoView(first)) return EXIT.usage;
      }
      // Where nobody answers, what was saved is all there is.
      const hasSaved = config !== undefined && config.stateStore.kind !== "memory";
      if (hasSaved && isNoView(first) && !first.isAnswered) {
        context.host.stderr.write(first.said);
        return await showSaved(context, config, tools, around, instance);
      }
      const look = () => lookAtInstance(instance, context, config);
      return await show(context, around, tools, look, first);
    });
  },
};

/** Loaded when it runs, so that help comes at once. */
async function statusTools() {
  const [view, text] = await Promise.all([
    import("../text/status_view.ts"),
    import("../text/status_text.ts"),
  ]);
  return { ...view, ...text };
}

type StatusTools = Awaited<ReturnType<typeof statusTools>>;

/** A view, or why there is none. */
type Look = () => Promise<StatusView | NoView>;

/** Asks where the instances meet; where that does not answer, the instance here knows that, and its own streams. */
async function askMeeting(
  context: VerbContext,
  config: LakeConfig,
  tools: StatusTools,
): Promise<ExitCode> {
  return await withSurroundings(context.host, async (around) => {
    let isReached = false;
    const reached = () => {
      isReached = true;
      around.reached();
    };
    try {
      return await showMeeting(context, config, tools, { ...around, reached });
    } catch (error) {
      if (isReached || around.signal.aborted) throw error;
      const { http } = config;
      if (http === undefined) throw error;
      const instance = instanceOrExplain(context);
      if (typeof instance === "number") throw error;
      const first = await lookAtInstance(instance, context, config);
      if (isNoView(first)) throw neitherAnswers(error, instance, first);
      context.host.stderr.write(
        `tributary: ${redact(errorMessage(error))}\n${thatInstance(instance)}`,
      );
      const look = () => lookAtInstance(instance, context, config);
      return await show(context, around, tools, look, first);
    }
  });
}

/** The place to meet does not answer, and the instance here tells nothing either. */
function neitherAnswers(error: unknown, { url }: Instance, { isAnswered, said }: NoView): Error {
  const here = isAnswered
    ? said.trimEnd()
    : `No instance answers at ${url} either; --url or HTTP_ADDRESS says where one is.`;
  return new Error(`${errorMessage(error)}\n${here}`);
}

async function showMeeting(
  context: VerbContext,
  config: LakeConfig,
  tools: StatusTools,
  around: Surroundings,
): Promise<ExitCode> {
  return await around.app.meet(config, around, async (meeting) => {
    let isSaid = false;
    const look = async () => {
      const met = tools.viewOfFleet(await meeting.view(), systemClock.wallMs(), limitsOf(config));
      const here = await troubleHere(context, config, met);
      if (here === undefined) return met;
      if (!isSaid) context.host.stderr.write(thatInstance(here.instance));
      isSaid = true;
      return here.view;
    };
    return await show(context, around, tools, look, await look());
  });
}

/** What the streams of an instance that does not answer have saved. */
async function showSaved(
  context: VerbContext,
  config: LakeConfig,
  tools: StatusTools,
  around: Surroundings,
  { url }: Instance,
): Promise<ExitCode> {
  return await around.app.meet(config, around, async (meeting) => {
    const look = async () => {
      const view = tools.viewOfFleet(await meeting.view(), systemClock.wallMs(), limitsOf(config));
      return { ...view, causes: [...noAnswer(url, view), ...view.causes.filter(isOfStreams)] };
    };
    return await show(context, around, tools, look, await look());
  });
}

function noAnswer(url: string, { streams }: StatusView): StatusView["causes"] {
  if (streams.length === 0) return [];
  return [{
    ...{ id: "no-answer", severity: "critical", since: null },
    text: `No instance answers at ${url}; this is what was saved last.`,
    next: "Start one, or say where it is with HTTP_ADDRESS or --url.",
    streams: streams.map(({ name }) => name),
  }];
}

function isOfStreams({ id }: StatusView["causes"][number]): boolean {
  return id !== "no-instance";
}

/** Shows the first view, and with `--watch` others until interrupted; one that cannot be had is left out then. */
async function show(
  { host, options }: VerbContext,
  { tools: { clock }, signal }: Surroundings,
  { statusText }: StatusTools,
  look: Look,
  first: StatusView | NoView,
): Promise<ExitCode> {
  const isWatching = options.has("watch");
  const { stdout } = host;
  for (let view = first;; view = await look()) {
    if (isNoView(view)) {
      host.stderr.write(view.said);
      if (!isWatching) return view.code;
    } else if (options.has("json")) {
      stdout.write(JSON.stringify(view, null, isWatching ? 0 : 2) + "\n");
    } else {
      const columns = stdout.isTerminal ? stdout.columns : undefined;
      const text = statusText(view, { isWide: options.has("wide"), columns });
      stdout.write(
        (isWatching && stdout.isTerminal ? CLEAR : "") + text + (isWatching ? "\n" : ""),
      );
    }
    if (!isWatching) return EXIT.done;
    await sleep(clock, WATCH_MS, signal).catch(() => {}); // Interrupted: that is the end of it.
    if (signal.aborted) return EXIT.done;
  }
}
