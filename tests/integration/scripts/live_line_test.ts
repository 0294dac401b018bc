import assert from "node:assert/strict";
import { LiveLine } from "../../../scripts/terminal/live_line.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

function record(isTerminal: boolean) {
  const written: string[] = [];
  return { written, output: { isTerminal, write: (text: string) => void written.push(text) } };
}

Deno.test("LiveLine is redrawn in place on a terminal", () => {
  const { written, output } = record(true);
  const line = new LiveLine(output, new VirtualClock(), "  ");
  line.show("one");
  line.show("two");
  line.end();
  assert.deepEqual(written, ["\r\x1b[2K  one", "\r\x1b[2K  two", "\n"]);
});

Deno.test("LiveLine prints a whole line now and then elsewhere, and the last at the end", async () => {
  const { written, output } = record(false);
  const clock = new VirtualClock();
  const line = new LiveLine(output, clock);
  line.show("one");
  await clock.advance(3000);
  line.show("two");
  line.show("three");
  line.end();
  assert.deepEqual(written, ["two\n", "three\n"]);
});
