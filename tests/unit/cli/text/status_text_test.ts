import assert from "node:assert/strict";
import { statusText } from "../../../../src/cli/text/status_text.ts";
import type { InstanceRow, StatusView, StreamRow } from "../../../../src/cli/text/status_view.ts";
import type { Cause } from "../../../../src/observe/status/cause_facts.ts";
import { assertGolden } from "../../../support/golden_text.ts";

const AT = "2026-11-29T12:06:31.000Z";

function stream(name: string, parts: Partial<StreamRow> = {}): StreamRow {
  return {
    ...{ key: name.replace(":", "."), name: name, condition: "running", paused: false },
    ...{ owner: "host-1-abc", instance: "tributary-7d9f8b6c5d-abcde", generation: 3 },
    ...{ leaseMsLeft: 20_000, position: "1795895289.1", updatedAt: AT },
    ...{ lagSeconds: 1.2, lakeLagSeconds: 4.1, positionAgeSeconds: 209 },
    ...{ oplogHeadroomSeconds: 83_400, bufferedEvents: 0, error: null },
    ...{ events: 1_234_567, objects: 9, bytes: 99, deadLetters: 0 },
    ...parts,
  };
}

const INSTANCE: InstanceRow = {
  ...{ id: "host-1-abc", name: "tributary-7d9f8b6c5d-abcde", version: "0.1.0", state: "running" },
  ...{ since: "2026-11-29T08:46:00.000Z", address: "http://10.0.0.2:8080", leaving: false },
  ...{ waits: null, streams: 3, failed: 0 },
};

function cause(parts: Partial<Cause>): Cause {
  const { id = "x", severity = "critical", since = null, streams = [] } = parts;
  return { id, severity, since, streams, text: parts.text ?? "Text.", next: parts.next ?? "Next." };
}

function view(parts: Partial<StatusView>): StatusView {
  const streams = ["collection:shop.orders", "collection:shop.items", "database:crm"];
  return {
    ...{ at: AT, causes: [], oplogWindowSeconds: 86_400, instances: [INSTANCE] },
    streams: streams.map((name) => stream(name)),
    ...parts,
  };
}

const LONG_NAME = "collection:a-database-with-a-long-name.orders_of_the_year_2026_in_europe 12/16";

Deno.test("status on a terminal fits 80 columns, and is as in tests/golden/cli", () => {
  const away = cause({
    since: "2026-11-29T12:04:05.678Z",
    text: "MongoDB does not answer: no usable MongoDB server at mongo1.internal.example:27017, " +
      "mongo2.internal.example:27017 (connect ECONNREFUSED 10.0.0.1:27017).",
    next: "See whether its servers run and can be reached from here: `tributary check`.",
    streams: ["collection:shop.orders", LONG_NAME],
  });
  const waits =
    "another instance, app-9, selects other events; it takes the streams when that one is gone";
  const alone = (reason: string) => ({
    reader: { watched: "collection", streams: 1, alone: reason },
  });
  const views = {
    well: view({}),
    alone: view({
      streams: [
        ...["a", "b", "c", "d", LONG_NAME].map((name) => stream(name, alone("rights"))),
        stream("collection:shop.slow", alone("slow")),
        stream("collection:shop.unheld", { ...alone("slow"), owner: null, instance: null }),
        stream("collection:shop.well"),
      ],
      instances: [{ ...INSTANCE, changeStreams: 7 }],
    }),
    ill: view({
      causes: [
        away,
        cause({ severity: "info", text: "database:crm is paused.", streams: ["database:crm"] }),
      ],
      streams: [
        stream("collection:shop.orders", { condition: "waiting", lakeLagSeconds: 146 }),
        stream(LONG_NAME, { condition: "opening", oplogHeadroomSeconds: null }),
        stream("database:crm", { condition: "paused", paused: true, instance: null, owner: null }),
      ],
      instances: [INSTANCE, { ...INSTANCE, name: "app-9", state: "waiting", waits }],
    }),
  };
  for (const [name, shown] of Object.entries(views)) {
    const text = statusText(shown, { isWide: false, columns: 80 });
    for (const line of text.split("\n")) assert([...line].length <= 80, line);
    assertGolden(`cli/status_${name}.txt`, text);
  }
});

Deno.test("what is no terminal gets whole names and whole lines", () => {
  const text = statusText(view({ streams: [stream(LONG_NAME)] }), {
    isWide: false,
    columns: undefined,
  });
  assert(text.includes(LONG_NAME));
  assert(text.includes("tributary-7d9f8b6c5d-abcde"));
  assert.doesNotMatch(text, /…/);
});

Deno.test("status --wide shows positions with their time, and every error", () => {
  const error = { message: "Cannot write: full", at: AT, since: "2026-11-29T12:00:00.000Z" };
  const streams = [stream("database:crm", { error }), stream("database:x", { position: null })];
  const text = statusText(view({ streams }), { isWide: true, columns: 80 });
  assert.match(text, /2026-11-28T19:48:09Z \(1795895289\.1\)/);
  assert.match(
    text,
    /^database:crm on tributary-7d9f8b6c5d-abcde, running since .*: Cannot write/m,
  );
  assert.match(text, /10\.0\.0\.2:8080 +host-1-abc$/m);
});

Deno.test("the verdict counts the streams that are held up, and says since when", () => {
  const first = (parts: Partial<StatusView>) =>
    statusText(view(parts), { isWide: false, columns: undefined }).split("\n")[0];
  const one = cause({ since: "2026-11-28T23:59:00.000Z", text: "Why.", streams: ["database:crm"] });
  assert.equal(
    first({ causes: [one] }),
    "1 of 3 streams is held up since 2026-11-28T23:59:00Z: Why.",
  );
  assert.equal(
    first({ causes: [cause({ since: "2026-11-29T12:04:05.1Z", text: "Why." })] }),
    "Since 12:04:05Z: Why.",
  );
  assert.equal(first({ causes: [cause({ text: "Why." })] }), "Why.");
  const two = cause({ streams: ["database:crm", "collection:shop.items"] });
  assert.match(first({ causes: [one, two] })!, /^2 of 3 streams are held up/);
});

Deno.test("the verdict says of streams that are being opened that nothing of them is read yet", () => {
  const first = (...conditions: string[]) =>
    statusText(
      view({
        streams: conditions.map((condition, i) => stream(`collection:shop.c${i}`, { condition })),
      }),
      { isWide: false, columns: undefined },
    ).split("\n")[0];
  const opened = "read and in the lake, 4s behind.";
  assert.equal(first("running", "running"), `All 2 streams are ${opened}`);
  assert.equal(first("running", "paused"), `collection:shop.c0 is ${opened}`);
  assert.equal(first("running", "running", "paused"), `2 of 3 streams are ${opened}`);
  assert.equal(
    first("running", "opening", "elsewhere"),
    `collection:shop.c0 is ${opened} 2 are being opened.`,
  );
  assert.equal(
    first("elsewhere", "elsewhere"),
    "2 streams are being opened, and nothing is read yet.",
  );
  assert.equal(first("free"), "collection:shop.c0 is being opened, and nothing is read yet.");
});

Deno.test("the verdict where no instance runs counts only those that have saved something, and says so", () => {
  const first = (parts: Partial<StatusView>) =>
    statusText(view({ instances: [], ...parts }), { isWide: false, columns: undefined })
      .split("\n")[0];
  const one = cause({ text: "No instance is running.", streams: ["database:crm"] });
  assert.equal(
    first({ causes: [one] }),
    "1 stream with saved progress is held up: No instance is running.",
  );
  const two = cause({ text: "Why.", streams: ["database:crm", "collection:shop.items"] });
  assert.equal(first({ causes: [two] }), "2 streams with saved progress are held up: Why.");
});

Deno.test("a stream that another has and nobody tells of is held; a pause is told with its time", () => {
  const streams = [stream("a:b", { condition: "elsewhere" })];
  const since = "2026-11-29T12:04:05.000Z";
  const note = cause({ severity: "info", text: "c:d is paused.", since });
  const text = statusText(view({ streams, causes: [note] }), { isWide: false, columns: undefined });
  assert.match(text, /^a:b +held /m);
  assert.match(text, / c:d is paused since 12:04:05Z\.$/m);
});

Deno.test("a long reason has a line of its own behind the verdict", () => {
  const reason = "no usable MongoDB server at mongo1.internal.example:27017, " +
    "mongo2.internal.example:27017 (connect ECONNREFUSED 10.0.0.1:27017)";
  const text = `MongoDB does not answer: ${reason}.`;
  const one = { ...cause({ text, streams: ["database:crm"], next: "See." }), reason };
  const shown = statusText(view({ causes: [one] }), { isWide: false, columns: undefined });
  assert(shown.startsWith(
    `1 of 3 streams is held up: MongoDB does not answer.\nWhy: ${reason}.\nNext: See.\n`,
  ));
  const short = { ...cause({ text: "MongoDB does not answer: gone." }), reason: "gone" };
  const whole = statusText(view({ causes: [short] }), { isWide: false, columns: undefined });
  assert(whole.startsWith("MongoDB does not answer: gone.\nNext: "));
});

Deno.test("the verdict of what is well names how far the lake is behind", () => {
  const first = (...streams: StreamRow[]) =>
    statusText(view({ streams }), { isWide: false, columns: undefined }).split("\n")[0];
  assert.equal(
    first(stream("a:b", { lakeLagSeconds: 9 }), stream("c:d")),
    "All 2 streams are read and in the lake, 9s behind.",
  );
  assert.equal(first(stream("database:crm")), "database:crm is read and in the lake, 4s behind.");
  assert.equal(first(stream("a:b", { lakeLagSeconds: null })), "a:b is read.");
  const paused = stream("c:d", { condition: "paused" });
  assert.match(first(stream("a:b"), stream("e:f"), paused)!, /^2 of 3 streams are read and/);
  assert.equal(first(paused), "No stream is read.");
  const closed = stream("g:h", { condition: "closed" });
  assert.match(first(stream("a:b"), stream("e:f"), closed)!, /^All 2 streams are read and/);
  assert.equal(first(), "No stream is known yet.");
});
