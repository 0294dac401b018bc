import assert from "node:assert/strict";
import {
  type ActionOutcome,
  answerTo,
  type HttpOptions,
} from "../../../../src/observe/http/http_routes.ts";
import { LiveUpdates } from "../../../../src/observe/http/live_updates.ts";
import { LogTail } from "../../../../src/observe/log/log_tail.ts";
import { newMonitor, ORDERS } from "../../../support/monitor.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const TOKEN = "correct-horse";

interface World {
  readonly ask: (line: string, headers?: Record<string, string>) => Promise<Response>;
  readonly orders: string[];
}

/** Asks as `GET /health`; ends what it opened. */
async function withRoutes(
  use: (world: World) => Promise<void>,
  { token, outcome = "done", logTail }: {
    token?: string;
    outcome?: ActionOutcome;
    logTail?: LogTail;
  } = {},
): Promise<void> {
  const { monitor } = newMonitor({ loops: () => [{ name: "a", lastTurnMs: -loopAgeMs }] });
  await using _ = monitor;
  const orders: string[] = [];
  const options: HttpOptions = {
    address: { host: "127.0.0.1", port: 0, ...(token === undefined ? {} : { token }) },
    monitor,
    act: (action, stream) => {
      orders.push(`${action} ${stream}`);
      return Promise.resolve(outcome);
    },
    ...(logTail === undefined ? {} : { logTail }),
    clock: new VirtualClock(),
  };
  using live = new LiveUpdates(options.clock, () => ({}), { next: () => ({}) });
  const ask = (line: string, headers: Record<string, string> = {}) => {
    const [method, path] = line.split(" ");
    const request = new Request(`http://lake:8080${path}`, { method: method!, headers });
    return answerTo(request, options, live);
  };
  await use({ ask, orders });
}

let loopAgeMs = 0;

Deno.test("answerTo says 503 on /health for loops that are stuck alone, and on /ready for all reasons", async () => {
  await withRoutes(async ({ ask }) => {
    assert.equal((await ask("GET /health")).status, 200);
    assert.equal((await ask("GET /ready")).status, 503);
  });
  loopAgeMs = 1e9;
  await withRoutes(async ({ ask }) => assert.equal((await ask("GET /health")).status, 503));
  loopAgeMs = 0;
});

Deno.test("answerTo serves metrics in the form that is asked for", async () => {
  await withRoutes(async ({ ask }) => {
    const plain = await ask("GET /metrics");
    assert.match(plain.headers.get("content-type")!, /^text\/plain; version=0.0.4/);
    assert.match(await plain.text(), /# TYPE tributary_events_processed_total counter/);
    const open = await ask("GET /metrics", { accept: "application/openmetrics-text" });
    assert.match(
      open.headers.get("content-type")!,
      /^application\/openmetrics-text; version=1.0.0/,
    );
    assert.match(await open.text(), /# TYPE tributary_events_processed counter[^]*# EOF\n$/);
  });
});

Deno.test("answerTo lets everybody ask for health alone where there is a token", async () => {
  await withRoutes(async ({ ask }) => {
    const statuses = async (headers = {}) => {
      const open = ["/health", "/ready"];
      const paths = [...open, "/metrics", "/status", "/", "/events", "/history", "/log", "/no"];
      const out: number[] = [];
      for (const path of paths) {
        const response = await ask(`GET ${path}`, headers);
        await response.body?.cancel();
        out.push(response.status);
      }
      return out;
    };
    assert.deepEqual(await statuses(), [200, 503, ...Array(7).fill(401)]);
    const authorization = `Bearer ${TOKEN}`;
    assert.deepEqual(await statuses({ authorization }), [200, 503, ...Array(6).fill(200), 404]);
    assert.match((await ask("GET /")).headers.get("www-authenticate")!, /^Basic realm=/);
  }, { token: TOKEN });
});

Deno.test("answerTo passes orders on, with the stream's name as it is", async () => {
  const authorization = `Bearer ${TOKEN}`;
  await withRoutes(async ({ ask, orders }) => {
    const name = encodeURIComponent("collection:shop.orders 2/4");
    for (const action of ["pause", "resume", "flush"]) {
      assert.equal((await ask(`POST /streams/${name}/${action}`, { authorization })).status, 200);
    }
    assert.deepEqual(orders, [
      "pause collection:shop.orders 2/4",
      "resume collection:shop.orders 2/4",
      "flush collection:shop.orders 2/4",
    ]);
  }, { token: TOKEN });
});

Deno.test("answerTo takes no order without a token, by another method, or from another site", async () => {
  const order = `/streams/${ORDERS.key}/pause`;
  await withRoutes(async ({ ask, orders }) => {
    const response = await ask(`POST ${order}`);
    assert.equal(response.status, 403);
    assert.match(await response.text(), /where HTTP_TOKEN is set/);
    assert.deepEqual(orders, []);
  });
  const authorization = `Basic ${btoa(`me:${TOKEN}`)}`;
  await withRoutes(async ({ ask, orders }) => {
    const status = async (line: string, headers: Record<string, string> = {}) =>
      (await ask(line, { authorization, ...headers })).status;
    assert.equal((await ask(`POST ${order}`)).status, 401);
    assert.equal(await status(`GET ${order}`), 405);
    assert.equal(await status(`POST ${order}`, { "sec-fetch-site": "cross-site" }), 403);
    assert.equal(await status(`POST ${order}`, { "content-length": "5000" }), 413);
    assert.equal(await status("POST /streams/%E0%A4%A/pause"), 404);
    assert.deepEqual(orders, []);
  }, { token: TOKEN });
});

Deno.test("answerTo says where an order could not be carried out", async () => {
  const authorization = `Bearer ${TOKEN}`;
  for (const [outcome, status] of [["unknown", 404], ["unread", 409]] as const) {
    await withRoutes(async ({ ask }) => {
      const response = await ask("POST /streams/x/flush", { authorization });
      assert.equal(response.status, status);
      assert.match(await response.text(), /"x"/);
    }, { token: TOKEN, outcome });
  }
});

Deno.test("answerTo refuses to write what can only be read", async () => {
  await withRoutes(async ({ ask }) => {
    for (const path of ["/", "/health", "/metrics", "/status"]) {
      const response = await ask(`POST ${path}`);
      assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
    }
    const nothing = await ask("GET /admin");
    assert.equal(nothing.status, 404);
    assert.match(await nothing.text(), /\/metrics, \/status/);
  });
});

Deno.test("answerTo tells the history of the streams that are asked for", async () => {
  await withRoutes(async ({ ask }) => {
    const history = await (await ask(`GET /history?stream=${ORDERS.key}&stream=__proto__`)).json();
    assert.deepEqual(history.streams, {});
    assert.deepEqual(Object.keys(history), ["secondsAgo", "total", "streams"]);
  });
});

Deno.test("answerTo shows the log to whoever has the token, and elsewhere to this machine alone", async () => {
  const logTail = new LogTail();
  logTail.take({ time: "2026-11-20T17:00:00Z", level: "error", message: "No", fields: {} });
  await withRoutes(async ({ ask }) => {
    const foreign = await (await ask("GET /log")).json();
    assert.deepEqual([foreign.lines, foreign.errors.length], [null, 1]);
  }, { logTail });
  await withRoutes(async ({ ask }) => {
    const authorization = `Bearer ${TOKEN}`;
    const own = await (await ask("GET /log", { authorization })).json();
    assert.equal(own.lines[0].text, "No");
    const status = await (await ask("GET /status", { authorization })).json();
    assert.deepEqual([status.errorCount, status.stages.length], [1, 5]);
  }, { logTail, token: TOKEN });
});

Deno.test("answerTo tells changes on /events to who asks for them, and all to others", async () => {
  const wanted: boolean[] = [];
  const { monitor } = newMonitor();
  await using _ = monitor;
  const options: HttpOptions = {
    ...{ address: { host: "127.0.0.1", port: 0 }, monitor, clock: new VirtualClock() },
    act: () => Promise.resolve("done"),
  };
  const open = (wantsChanges: boolean) => {
    wanted.push(wantsChanges);
    return new Response();
  };
  for (const path of ["/events", "/events?changes"]) {
    await answerTo(new Request(`http://lake:8080${path}`), options, { open });
  }
  assert.deepEqual(wanted, [false, true]);
});
