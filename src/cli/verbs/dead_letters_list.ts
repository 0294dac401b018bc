import { nameOfKey } from "../../model/stream_choice.ts";
import { isoTime } from "../../support/clock.ts";
import { redact } from "../../support/redact.ts";
import { sayAbsent, type ShownLetter, type ShownLetters, withLetters } from "../text/letters.ts";
import { EXIT, LAKE_SETTINGS, type Verb } from "../verb.ts";

/** `tributary dead-letters list`. */
export const deadLettersList: Verb = {
  name: "dead-letters list",
  summary: "List the events that could not be rows, and why",
  example: "tributary dead-letters list shop.orders --destination s3://lake/shop",
  moreExamples: ["tributary dead-letters list --since 2026-11-20 --json"],
  settings: LAKE_SETTINGS,
  arguments: [{ name: "[stream]", description: "database:shop, shop.orders, or its key" }],
  options: [
    { flags: "--since <TIME>", description: "only records that reach past this time, 2026-11-20" },
    { flags: "--json", description: "print JSON" },
  ],
  async run(context) {
    const { host, options } = context;
    return await withLetters(context, async (chosen) => {
      const { letters, choice } = chosen;
      const all: ShownLetters[] = [];
      for await (const file of letters.list(choice)) {
        // Events may be large, and are not shown.
        all.push({ ...file, letters: file.letters.map(({ event: _, ...rest }) => rest) });
      }
      const isJson = options.has("json");
      if (all.length === 0) {
        const absence = await letters.whyAbsent(choice);
        if (!isJson || absence !== "no letters") return sayAbsent(context, chosen, absence);
      }
      host.stdout.write(isJson ? jsonText(all) : listText(all));
      return EXIT.done;
    });
  },
};

/** Stream by stream, each with its counts. */
function listText(all: readonly ShownLetters[]): string {
  const streams = Map.groupBy(all, ({ streamKey }) => streamKey);
  return [...streams].map(([key, files]) => {
    const letters = files.flatMap((file) => file.letters);
    const redriven = letters.filter(({ isRedriven }) => isRedriven).length;
    const events = files.reduce((sum, file) => sum + file.events, 0);
    const counts = [
      `${events} ${events === 1 ? "dead letter" : "dead letters"}`,
      ...letters.length === events ? [] : [`${events - letters.length} of them cannot be read`],
      ...redriven === 0 ? [] : [`${redriven} of them redriven`],
    ];
    return `${nameOfKey(key)}: ${counts.join(", ")}\n${files.map(fileText).join("")}`;
  }).join("");
}

function fileText({ seq, letters, fault }: ShownLetters): string {
  if (fault !== undefined) return `  record ${seq}: ${redact(fault)}\n`;
  return letters.map((letter) => letterText(seq, letter)).join("");
}

function letterText(seq: number, letter: ShownLetter): string {
  const { text, isRedriven, reason } = letter;
  const time = timeOf(letter) ?? "unknown time";
  const state = isRedriven ? " [redriven]" : "";
  return `  ${time}  record ${seq}  ${text}${state}\n      ${redact(reason)}\n`;
}

function timeOf({ summary: { clusterSeconds } }: ShownLetter): string | undefined {
  return clusterSeconds === undefined
    ? undefined
    : isoTime(clusterSeconds * 1000).replace(".000Z", "Z");
}

function jsonText(all: readonly ShownLetters[]): string {
  const files = all.map(({ streamKey, seq, file, writtenAt, letters, fault }) => ({
    stream: nameOfKey(streamKey),
    key: streamKey,
    seq,
    file,
    writtenAt,
    ...(fault === undefined ? {} : { fault: redact(fault) }),
    letters: letters.map((letter) => {
      const { operation, database, collection, documentKey } = letter.summary;
      return {
        token: letter.data,
        time: timeOf(letter),
        ...{ operation, database, collection, documentKey },
        reason: redact(letter.reason),
        redriven: letter.isRedriven,
        // Of a poorer form of the event no row is made.
        canBeRedriven: letter.isWhole && !letter.isRedriven,
      };
    }),
  }));
  return JSON.stringify(files, null, 2) + "\n";
}
