/** The program, run from source and scraped as Prometheus does. */
import { freePort } from "../../scripts/services/free_port.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { type Program, startProgram } from "./program.ts";
import type { Scrape } from "./scraped_alerts.ts";
import { leastEnvironment, sourceCommand } from "./source_program.ts";

/** The password of its HTTP server. */
const TOKEN = "a-token-for-the-test";

/** So long it may take until a metric is as expected. */
const SCRAPE_MS_MAX = 240_000;

export interface ScrapedProgram extends AsyncDisposable {
  readonly program: Program;
  /** What it shows now; undefined where it does not answer. */
  scrape(): Promise<Scrape>;
  /** Scrapes until a line of it matches, and answers that scrape. */
  scrapeUntil(pattern: RegExp): Promise<string>;
  /** Tells it to pause a stream. */
  pause(stream: string): Promise<void>;
}

export function startScraped(env: Readonly<Record<string, string>>): ScrapedProgram {
  const address = `127.0.0.1:${freePort()}`;
  const [executable, ...flags] = sourceCommand();
  const program = startProgram([...flags, "run"], {
    executable,
    env: { ...leastEnvironment(), ...env, HTTP_ADDRESS: address, HTTP_TOKEN: TOKEN },
  });
  const headers = { authorization: `Bearer ${TOKEN}` };
  const scrape = async (): Promise<Scrape> => {
    try {
      const response = await fetch(`http://${address}/metrics`, { headers });
      return await response.text();
    } catch {
      return undefined; // Not up yet, or no more.
    }
  };
  return {
    program,
    scrape,
    async scrapeUntil(pattern) {
      let text: Scrape;
      const found = async () => pattern.test(text = await scrape() ?? "") ? true : undefined;
      if (await waitUntil(systemClock, SCRAPE_MS_MAX, found)) return text!;
      const shown = (text ?? "").split("\n").filter((line) =>
        /^tributary_(?!\w*_bucket)/.test(line)
      );
      const lines = [...program.stderr.slice(-20), ...shown];
      throw new Error(`No metric like ${pattern}:\n${lines.join("\n")}`);
    },
    async pause(stream) {
      const url = `http://${address}/streams/${encodeURIComponent(stream)}/pause`;
      const response = await fetch(url, { method: "POST", headers });
      const answer = await response.text();
      if (!response.ok) throw new Error(`Cannot pause ${stream}: ${answer}`);
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
