import { isoTime, sleep } from "../support/clock.ts";
import { formatSeconds } from "../support/units.ts";
import { FLEET_SETTINGS } from "./fleet_settings.ts";
import { type App, withSurroundings } from "./surroundings.ts";
import { textTable } from "./text_table.ts";
import { EXIT, lakeConfigOrExplain, type Verb } from "./verb.ts";

type Meeting = Parameters<Parameters<App["meet"]>[2]>[0];
type FleetView = Awaited<ReturnType<Meeting["view"]>>;

/** How often `--watch` looks. */
const WATCH_MS = 1000;

/** Where a terminal's cursor goes home, and everything below it away. */
const CLEAR = "\x1b[H\x1b[J";

/** `tributary status`. */
export const status: Verb = {
  name: "status",
  summary: "Show all instances and streams, without asking an instance",
  example: "tributary status --redis-url redis://cache:6379 --destination s3://lake/shop --watch",
  settings: FLEET_SETTINGS,
  options: [
    { flags: "--watch", description: "look again each second until interrupted" },
    { flags: "--json", description: "print JSON; with --watch one line for each look" },
  ],
  async run(context) {
    const { host, options } = context;
    const loaded = lakeConfigOrExplain(context);
    if (loaded === undefined) return EXIT.usage;
    const { lock, stateStore } = loaded.config;
    if (lock.kind === "memory" && stateStore.kind === "memory") {
      host.stderr.write(
        "tributary: Nothing is kept where others can see it: set REDIS_URL or STATE_STORE\n",
      );
      return EXIT.usage;
    }
    const isWatching = options.has("watch");
    const isJson = options.has("json");
    return await withSurroundings(
      host,
      (around) =>
        around.app.meet(loaded.config, around, async (meeting) => {
          const { tools: { clock }, signal } = around;
          for (;;) {
            const view = await meeting.view();
            const nowMs = clock.wallMs();
            if (isJson) host.stdout.write(jsonText(view, nowMs, isWatching ? 0 : 2));
            else {
              const clear = isWatching && host.stdout.isTerminal ? CLEAR : "";
              host.stdout.write(clear + tables(view, nowMs) + (isWatching ? "\n" : ""));
            }
            if (!isWatching) return EXIT.done;
            await sleep(clock, WATCH_MS, signal).catch(() => {}); // Interrupted: that is the end of it.
            if (signal.aborted) return EXIT.done;
          }
        }),
    );
  },
};

function tables({ instances, streams }: FleetView, nowMs: number): string {
  const instanceRows = instances.map((each) => [
    each.name,
    stateOf(each),
    String(each.streams),
    each.version,
    each.since,
    each.address ?? "-",
    each.id,
  ]);
  const instanceHead = ["INSTANCE", "STATE", "STREAMS", "VERSION", "SINCE", "HTTP", "OWNER"];
  const streamRows = streams.map((each) => [
    each.name,
    each.instance ?? `(${each.paused ? "paused" : each.news?.condition ?? "free"})`,
    each.generation === undefined ? "-" : String(each.generation),
    each.leaseMsLeft === undefined ? "-" : formatSeconds(each.leaseMsLeft),
    each.position === undefined ? "-" : isoTime(each.position.t * 1000),
    each.position === undefined ? "-" : formatSeconds(lagMs(each.position.t, nowMs)),
    each.events.toLocaleString("en-US"),
    each.deadLetters.toLocaleString("en-US"),
  ]);
  const streamHead = ["STREAM", "INSTANCE", "GENERATION", "LEASE", "POSITION", "LAG", "EVENTS"];
  const instancesText = instances.length === 0
    ? "No instance is running.\n"
    : textTable([instanceHead, ...instanceRows], [2]);
  const streamsText = streams.length === 0
    ? "No stream is known.\n"
    : textTable([[...streamHead, "DEAD LETTERS"], ...streamRows], [2, 3, 5, 6, 7]);
  return `${instancesText}${waiting(instances)}\n${streamsText}${troubles(streams)}`;
}

function stateOf({ leaving, failed, waits }: FleetView["instances"][number]): string {
  if (leaving) return "leaving";
  if (failed > 0) return `${failed} failed`;
  return waits === undefined ? "running" : "waiting";
}

/** A line for each instance that leaves streams to another one. */
function waiting(instances: FleetView["instances"]): string {
  const lines = instances.flatMap(({ name, waits }) =>
    waits === undefined ? [] : [`${name}: ${waits}\n`]
  );
  return lines.length === 0 ? "" : `\n${lines.join("")}`;
}

/** A line for each stream that says what is wrong with it. */
function troubles(streams: FleetView["streams"]): string {
  const lines = streams.flatMap(({ name, instance, news }) => {
    if (news?.error === undefined) return [];
    const where = instance === undefined ? "" : ` on ${instance}`;
    return [`${name}${where}, ${news.condition} since ${news.error.at}: ${news.error.message}\n`];
  });
  return lines.length === 0 ? "" : `\n${lines.join("")}`;
}

/** By this machine's clock, from the position that was saved last: an idle stream saves it with its heartbeats. */
function lagMs(positionSeconds: number, nowMs: number): number {
  return Math.max(0, nowMs - positionSeconds * 1000);
}

function jsonText({ instances, streams }: FleetView, nowMs: number, indent: number): string {
  const shown = streams.map(({ leaseMsLeft, position, ...rest }) => ({
    ...rest,
    leaseMsLeft: Number.isFinite(leaseMsLeft) ? leaseMsLeft : null,
    position: position === undefined ? null : `${position.t}.${position.i}`,
    lagSeconds: position === undefined ? null : lagMs(position.t, nowMs) / 1000,
  }));
  return JSON.stringify({ at: isoTime(nowMs), instances, streams: shown }, null, indent) + "\n";
}
