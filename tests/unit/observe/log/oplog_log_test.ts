import assert from "node:assert/strict";
import { OplogLog, type OplogUse } from "../../../../src/observe/log/oplog_log.ts";
import type { LogFields } from "../../../../src/support/log.ts";

const ORDERS = { key: "o", name: "collection:shop.orders", isPaused: true };
const ITEMS = { key: "i", name: "collection:shop.items", isPaused: false };

function newLog() {
  const said: [string, string, LogFields | undefined][] = [];
  const sayAs = (level: string) => (message: string, fields?: LogFields) =>
    void said.push([level, message, fields]);
  const log = {
    ...{ debug: sayAs("debug"), info: sayAs("info") },
    ...{ warn: sayAs("warn"), error: sayAs("error") },
  };
  const oplog = new OplogLog(log);
  const take = (...uses: OplogUse[]) => {
    oplog.take(uses, 1000);
    return said.splice(0);
  };
  return { oplog, take, said };
}

Deno.test("OplogLog warns once when a stream comes near the end, with what to do", () => {
  const { take } = newLog();
  assert.deepEqual(take({ ...ORDERS, leftSeconds: 260 }), []);
  assert.deepEqual(take({ ...ORDERS, leftSeconds: 249 }), [[
    "warn",
    "A stream nears the end of the oplog",
    {
      ...{ stream: ORDERS.name, left: "4m 09s", paused: true },
      next: "tributary resume, or a longer oplog (replSetResizeOplog)",
    },
  ]]);
  assert.deepEqual(take({ ...ORDERS, leftSeconds: 200 }), []);
  // Around the limit it is not said again and again.
  assert.deepEqual(take({ ...ORDERS, leftSeconds: 251 }), []);
  assert.deepEqual(take({ ...ORDERS, leftSeconds: 249 }), []);
  assert.deepEqual(take({ ...ORDERS, leftSeconds: 900 }), []);
  assert.equal(take({ ...ORDERS, leftSeconds: 100 }).length, 1);
});

Deno.test("OplogLog says that nothing is left", () => {
  const { take } = newLog();
  take({ ...ORDERS, leftSeconds: 200 });
  take({ ...ORDERS, leftSeconds: 100 });
  const [[level, message, fields]] = take({ ...ORDERS, leftSeconds: 0 }) as [
    [string, string, LogFields],
  ];
  assert.deepEqual([level, message], ["error", "The oplog no longer reaches back to a stream"]);
  assert.match(String(fields.next), /^tributary resume/);
  assert.deepEqual(take({ ...ORDERS, leftSeconds: 0 }), []);
});

Deno.test("OplogLog has one line for many streams", () => {
  const { take } = newLog();
  const many = Array.from({ length: 12 }, (_, i) => ({ ...ITEMS, key: `${i}`, name: `s${i}` }));
  take(...many.map((each) => ({ ...each, leftSeconds: 300 })));
  const lines = take(...many.map((each) => ({ ...each, leftSeconds: 200 })));
  const [[, , fields]] = lines as [[string, string, LogFields]];
  assert.equal(lines.length, 1);
  assert.deepEqual(fields, {
    ...{ streams: many.slice(0, 5).map(({ name }) => name), more: 7, left: "3m 20s" },
    ...{ paused: false, next: "a longer oplog (replSetResizeOplog), and what holds it up mended" },
  });
});

Deno.test("OplogLog is silent where nothing is cut off, as on a server that is new", () => {
  const { take, oplog, said } = newLog();
  for (let i = 0; i < 3; i++) assert.deepEqual(take({ ...ITEMS, leftSeconds: 5 }), []);
  oplog.take([{ ...ITEMS, leftSeconds: undefined }], 1000);
  oplog.take([{ ...ITEMS, leftSeconds: 1 }], undefined);
  assert.deepEqual(said, []);
});
