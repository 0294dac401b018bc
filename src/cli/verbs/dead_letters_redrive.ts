import { nameOfKey } from "../../model/stream_choice.ts";
import { redact } from "../../support/redact.ts";
import { sayAbsent, withLetters } from "../text/letters.ts";
import { EXIT, LAKE_SETTINGS, type Verb } from "../verb.ts";

/** `tributary dead-letters redrive`. */
export const deadLettersRedrive: Verb = {
  name: "dead-letters redrive",
  summary: "Make rows of dead letters that this version can make rows of",
  example: "tributary dead-letters redrive shop.orders --destination s3://lake/shop",
  settings: [...LAKE_SETTINGS, "REDACT"],
  arguments: [
    { name: "[stream]", description: "database:shop, shop.orders, or its key; default: all" },
    { name: "[record]", description: "one record, as `dead-letters list` shows it" },
  ],
  async run(context) {
    const { host } = context;
    return await withLetters(context, async (chosen) => {
      const { letters, choice } = chosen;
      let [records, left] = [0, 0];
      for await (const report of letters.redrive(choice)) {
        records++;
        const of = `${nameOfKey(report.streamKey)} record ${report.seq}`;
        if ("fault" in report) {
          left++;
          host.stderr.write(`tributary: ${of}: ${redact(report.fault)}\n`);
          continue;
        }
        for (const { key, rows } of report.made) {
          host.stdout.write(
            `${of}: ${counted(rows, "event is a row", "events are rows")} now: ${key}\n`,
          );
        }
        if (report.made.length === 0 && report.left.length === 0) {
          host.stdout.write(`${of}: all of its events were redriven before\n`);
        }
        left += report.left.length;
        for (const { reason } of report.left) {
          host.stdout.write(`${of}: an event stays a dead letter: ${redact(reason)}\n`);
        }
      }
      if (records === 0) return sayAbsent(context, chosen, await letters.whyAbsent(choice));
      return left === 0 ? EXIT.done : EXIT.failed;
    });
  },
};

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
