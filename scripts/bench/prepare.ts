import { systemClock } from "../../src/support/clock.ts";
import type { Server } from "../services.ts";
import { LiveLine, standardOutput } from "../terminal/live_line.ts";
import { grouped } from "../terminal/text_table.ts";
import { type Backlog, type BacklogSize, writeBacklog } from "./backlog.ts";

/** Writes a backlog and tells how far it is. */
export async function prepare(mongod: Server, size: BacklogSize): Promise<Backlog> {
  const line = new LiveLine(standardOutput(), systemClock);
  const backlog = await writeBacklog(
    mongod.url,
    size,
    (written) => line.show(`writing the backlog: ${grouped(written)} changes`),
  );
  line.end();
  return backlog;
}
