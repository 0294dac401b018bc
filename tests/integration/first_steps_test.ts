/** docs/troubleshooting.md: the first step of each symptom, run where that symptom is. */
import assert from "node:assert/strict";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { type Fence, readPages, situationOf } from "../support/docs/pages.ts";
import { SYMPTOMS } from "../support/docs/symptoms.ts";
import { openEmptyWorld, type Outcome } from "../support/docs/world.ts";

const SHOWN_MS_MAX = 240_000;

const page = readPages().find(({ path }) => path === "docs/troubleshooting.md")!;
const sections = page.text.split("## By alert")[0]!.split("\n### ").slice(1);

Deno.test("each symptom of docs/troubleshooting.md begins with one command, in a set-up of its own", () => {
  const situations = sections.map((section) => {
    const first = /^[^\n]+\n\nFirst:\n\n```sh run=([a-z-]+)( exit=\d)?\n[^\n]+\n```\n/.exec(
      section,
    );
    assert(first !== null, section.slice(0, 200));
    return first[1]!;
  });
  assert.deepEqual([...new Set(situations)].sort(), Object.keys(SYMPTOMS).sort());
});

for (const fence of page.fences.filter((fence) => situationOf(fence)! in SYMPTOMS)) {
  const situation = situationOf(fence)!;
  Deno.test(`\`${fence.text}\` shows what is wrong (${situation})`, async () => {
    await using stack = new AsyncDisposableStack();
    const { settings, runs, breakIt, shows } = await SYMPTOMS[situation]!(stack);
    const world = stack.use(await openEmptyWorld(settings === undefined ? {} : { settings }));
    if (runs) await world.start();
    await breakIt?.(world);
    let last: Outcome | undefined;
    const shown = await waitUntil(systemClock, SHOWN_MS_MAX, async () => {
      last = await world.shell(fence.text);
      return shows.test(last.output) || undefined;
    });
    assert(shown, `it must show ${shows}:\n${last?.output}`);
    assert.equal(last?.code, exitOf(fence), last?.output);
  });
}

function exitOf({ marks }: Fence): number {
  return Number(marks.find((mark) => mark.startsWith("exit="))?.slice("exit=".length) ?? 0);
}
