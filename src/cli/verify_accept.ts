import { nameOfKey } from "../model/stream_choice.ts";
import { type App, withSurroundings } from "./with_app.ts";
import { EXIT, type ExitCode, lakeConfigOrExplain, type VerbContext } from "./verb.ts";

type Acceptance = Parameters<App["accept"]>[2];
type Accepted = Awaited<ReturnType<App["accept"]>>[number];

/** `tributary verify --accept`: notes in the lake that what records say is lost has been dealt with. */
export async function acceptLosses(context: VerbContext): Promise<ExitCode> {
  const { host } = context;
  const acceptance = readAcceptance(context);
  if (typeof acceptance === "string") {
    host.stderr.write(`tributary: ${acceptance}\n`);
    return EXIT.usage;
  }
  const loaded = lakeConfigOrExplain(context);
  if (loaded === undefined) return EXIT.usage;
  return await withSurroundings(host, async (around) => {
    const accepted = await around.app.accept(loaded.config, around, acceptance);
    for (const each of accepted) host.stdout.write(lineOf(each));
    return EXIT.done;
  });
}

/** Or what is wrong with the flags. */
function readAcceptance({ options }: VerbContext): Acceptance | string {
  const other = ["since", "read", "orphans", "json"].find((name) => options.has(name));
  if (other !== undefined) {
    return `--accept writes that losses are accepted and verifies nothing; leave --${other} out`;
  }
  const text = String(options.get("accept"));
  if (!/^\d{1,15}(,\d{1,15})*$/.test(text)) {
    return `--accept "${text}" names no records; write the number that \`tributary verify\` names, as 42 or 42,57`;
  }
  const reason = options.get("reason");
  if (typeof reason !== "string" || reason.trim() === "") {
    return `--accept needs --reason: say what was done about it, as --reason "loaded anew from the backup"`;
  }
  const stream = options.get("stream");
  return {
    seqs: [...new Set(text.split(",").map(Number))],
    reason: reason.trim(),
    ...(typeof stream === "string" ? { stream } : {}),
  };
}

function lineOf(accepted: Accepted): string {
  const { stream, seq, reason, acceptedBy, acceptedAt, isEarlier, ...counts } = accepted;
  const { gaps, voidedObjects, deadLetters } = counts;
  const what = [
    ...(gaps === 0 ? [] : ["a gap"]),
    ...(voidedObjects === 0 ? [] : [`${voidedObjects} object(s) given up`]),
    ...(deadLetters === 0 ? [] : [`${deadLetters} event(s) in dead letters`]),
  ].join(", ");
  const how = `(${what}): ${reason} (${acceptedBy}, ${acceptedAt})`;
  return isEarlier
    ? `${nameOfKey(stream)}: record ${seq} was accepted before, and stays so ${how}\n`
    : `${nameOfKey(stream)}: record ${seq} is accepted ${how}\n`;
}
