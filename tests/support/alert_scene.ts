/** A program with a database and a lake of its own, whose metrics the shipped alert rules are given. */
import { createMongoWriter, type MongoWriter } from "./mongo_writer.ts";
import { withPromtool } from "./promtool.ts";
import { assertFiring, type ScrapedTime } from "./scraped_alerts.ts";
import { type ScrapedProgram, startScraped } from "./scraped_program.ts";
import { mongodbUri, uniqueName } from "./services.ts";

export interface AlertScene {
  readonly writer: MongoWriter;
  readonly env: Readonly<Record<string, string>>;
  /** The folder that is the lake, unless the settings name another place. */
  readonly lake: string;
  /** Throws unless exactly these alerts fire. */
  readonly assertFiring: (time: ScrapedTime, expected: readonly string[]) => Promise<void>;
}

export async function withAlertScene(play: (scene: AlertScene) => Promise<void>): Promise<void> {
  await using writer = createMongoWriter(uniqueName("alerts"));
  const lake = await Deno.makeTempDir();
  try {
    await withPromtool(async (promtool) => {
      await play({
        writer,
        lake,
        env: {
          MONGODB_URI: mongodbUri(),
          MONGODB_DATABASE: writer.database,
          MONGODB_COLLECTIONS: "orders",
          SNAPSHOT: "off",
          DESTINATION: `file://${lake}`,
          BATCH_TIMEOUT: "300ms",
          RETRY_DELAY: "100ms",
          MAX_RETRY_DELAY: "1s",
          ENCODERS: "1",
        },
        assertFiring: (...args) => assertFiring(promtool, ...args),
      });
    });
  } finally {
    await Deno.remove(lake, { recursive: true });
  }
}

/** Starts the program, writes something, and waits until it is stored. */
export async function startAndStore(
  { writer, env }: AlertScene,
  more: Readonly<Record<string, string>> = {},
): Promise<ScrapedProgram> {
  const scraped = startScraped({ ...env, ...more });
  await scraped.program.line(/Change stream opened/);
  await writer.insert(["orders"], 10);
  await scraped.program.line(/Batch stored/);
  return scraped;
}
