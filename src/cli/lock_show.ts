import { nameOfKey } from "../model/stream_choice.ts";
import { formatSeconds } from "../support/units.ts";
import { FLEET_SETTINGS } from "./fleet_settings.ts";
import { instanceOrExplain, URL_OPTION } from "./instance_request.ts";
import { lookAtInstance } from "./look_at_instance.ts";
import { type Surroundings, withSurroundings } from "./surroundings.ts";
import { textTable } from "./text_table.ts";
import { EXIT, type ExitCode, HTTP_VERB_SETTINGS, type Verb, type VerbContext } from "./verb.ts";
import { type Where, whereToAsk } from "./where_to_ask.ts";

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
    const where = whereToAsk(context);
    if (typeof where === "number") return where;
    return await withSurroundings(host, async (around) => {
      const leases = where.kind === "meeting"
        ? await leasesOfMeeting(where, around)
        : await leasesOfInstance(where, context);
      if (typeof leases === "number") return leases;
      host.stdout.write(
        options.has("json") ? JSON.stringify(leases, null, 2) + "\n" : table(leases),
      );
      return EXIT.done;
    });
  },
};

async function leasesOfMeeting(
  { config }: Extract<Where, { kind: "meeting" }>,
  around: Surroundings,
): Promise<ShownLease[]> {
  const leases = await around.app.meet(config, around, (meeting) => meeting.leases());
  return leases.map(({ stream, leftMs, ...rest }) => ({
    key: stream,
    name: nameOfKey(stream),
    ...rest,
    leftMs: Number.isFinite(leftMs) ? leftMs : null,
  }));
}

/** An instance that shares with nobody has the leases of the streams it has; of others it tells what it knows. */
async function leasesOfInstance(
  { config }: Extract<Where, { kind: "instance" }>,
  context: VerbContext,
): Promise<ShownLease[] | ExitCode> {
  const instance = instanceOrExplain(context);
  if (typeof instance === "number") return instance;
  const view = await lookAtInstance(instance, context, config);
  if (typeof view === "number") return view;
  return view.streams.filter((stream) => stream.instance !== null)
    .map(({ key, name, owner, instance, generation }) => ({
      ...{ key, name, owner, instance, generation },
      since: null,
      leftMs: null,
    }));
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
