import { errorMessage } from "../../model/errors.ts";
import { nameOfKey } from "../../model/stream_choice.ts";
import { formatSeconds } from "../../support/units.ts";
import { FLEET_SETTINGS } from "../fleet_settings.ts";
import { instanceOrExplain, URL_OPTION } from "../instance/instance_request.ts";
import { isNoView, lookAtInstance, thatInstance } from "../instance/look_at_instance.ts";
import { type Surroundings, withSurroundings } from "../with_app.ts";
import { textTable } from "../text/text_table.ts";
import { EXIT, type ExitCode, HTTP_VERB_SETTINGS, type Verb, type VerbContext } from "../verb.ts";
import { type Where, whereToAsk } from "../instance/where_to_ask.ts";

/** A lease as it is shown; null is what an instance does not tell of those in its memory, which never run out. */
interface ShownLease {
  readonly key: string;
  readonly name: string;
  readonly owner: string | null;
  readonly instance: string | null;
  readonly generation: number | null;
  readonly since: string | null;
  readonly leftMs: number | null;
}

/** `tributary lock show`. */
export const lockShow: Verb = {
  name: "lock show",
  summary: "Show who holds which lease, and for how long still",
  example: "tributary lock show --redis-url redis://cache:6379 --destination s3://lake/shop",
  settings: [...FLEET_SETTINGS, ...HTTP_VERB_SETTINGS],
  options: [{ flags: "--json", description: "print JSON" }, URL_OPTION],
  async run(context) {
    const { host, options } = context;
    const where = whereToAsk(context, "look");
    if (typeof where === "number") return where;
    return await withSurroundings(host, async (around) => {
      const found = where.kind === "meeting"
        ? await leasesOfMeeting(where, context, around)
        : await leasesOfInstance(where, context);
      if (typeof found === "number") return found;
      const { leases, unknown } = found;
      if (unknown !== undefined) {
        const what = leases.length === 0 ? "a lease" : "other leases";
        host.stderr.write(`It is not known who holds ${what}: ${unknown}\n`);
        if (leases.length === 0) return EXIT.failed;
      }
      host.stdout.write(
        options.has("json") ? JSON.stringify(leases, null, 2) + "\n" : table(leases),
      );
      return unknown === undefined ? EXIT.done : EXIT.failed;
    });
  },
};

/** `unknown`: why there may be leases of which the one who was asked cannot know. */
interface Found {
  readonly leases: readonly ShownLease[];
  readonly unknown?: string;
}

async function leasesOfMeeting(
  { config }: Extract<Where, { kind: "meeting" }>,
  context: VerbContext,
  around: Surroundings,
): Promise<Found> {
  try {
    const leases = await around.app.meet(config, around, (meeting) => meeting.leases());
    return {
      leases: leases.map(({ stream, leftMs, ...rest }) => ({
        key: stream,
        name: nameOfKey(stream),
        ...rest,
        leftMs: Number.isFinite(leftMs) ? leftMs : null,
      })),
    };
  } catch (error) {
    const instance = config.http === undefined ? 0 : instanceOrExplain(context);
    if (typeof instance === "number" || around.signal.aborted) throw error;
    throw new Error(
      `${errorMessage(error)}\n\`tributary lock show --url ${instance.url}\` shows what the ` +
        "instance there has.",
    );
  }
}

/** Why an instance does not know who holds what. */
const UNKNOWN_BY = new Set(["redis-away", "leases-away"]);

/** An instance that shares with nobody has the leases of the streams it has; of others it tells what it knows. */
async function leasesOfInstance(
  { config, isFaulty = false }: Extract<Where, { kind: "instance" }>,
  context: VerbContext,
): Promise<Found | ExitCode> {
  const instance = instanceOrExplain(context, isFaulty);
  if (typeof instance === "number") return instance;
  const view = await lookAtInstance(instance, context, config);
  if (isNoView(view)) {
    context.host.stderr.write(view.said);
    return isFaulty ? EXIT.usage : view.code;
  }
  if (isFaulty) context.host.stderr.write(thatInstance(instance));
  const unknown = view.causes.find((each) => UNKNOWN_BY.has(each.id) || each.leasesUnknown)?.text;
  const held = view.streams.filter((stream) => stream.instance !== null);
  const leases = held.map(({ key, name, owner, instance, generation }) => ({
    ...{ key, name, owner, instance, generation },
    since: null,
    leftMs: null,
  }));
  return unknown === undefined ? { leases } : { leases, unknown };
}

function table(leases: readonly ShownLease[]): string {
  if (leases.length === 0) return "Nobody holds a lease.\n";
  const head = ["LEASE", "INSTANCE", "GENERATION", "LEFT", "SINCE", "OWNER"];
  const rows = leases.map(({ name, instance, generation, leftMs, since, owner }) => [
    name,
    instance ?? "-",
    generation === null ? "-" : String(generation),
    leftMs === null ? "-" : formatSeconds(leftMs),
    since ?? "-",
    owner ?? "-",
  ]);
  return textTable([head, ...rows], [2, 3]);
}
