import assert from "node:assert/strict";
import { TransientError } from "../../../../../src/model/errors.ts";
import {
  exchangeByFetch,
  hostOf,
  waitText,
} from "../../../../../src/table/iceberg/rest/http_exchange.ts";
import { TableFault } from "../../../../../src/table/table_log.ts";
import { VirtualClock } from "../../../../support/virtual_clock.ts";

function serve(handler: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  const url = `http://127.0.0.1:${server.addr.port}/v1/config?token=hush-hush`;
  return { url, [Symbol.asyncDispose]: () => server.shutdown() };
}

function scene(answerBytesMax?: number) {
  const clock = new VirtualClock();
  const ends = new AbortController();
  const parts = { clock, signal: ends.signal, answerMsMax: 1_000 };
  const exchange = exchangeByFetch(
    answerBytesMax === undefined ? parts : { ...parts, answerBytesMax },
  );
  const get = (url: string) => exchange({ method: "GET", url, headers: { accept: "x/y" } });
  return { clock, ends, exchange, get };
}

Deno.test("an answer is its status, its text and what it asks for", async () => {
  await using server = serve((request) =>
    new Response(`öre ${request.headers.get("accept")}`, {
      status: 503,
      headers: { "retry-after": "7" },
    })
  );
  assert.deepEqual(await scene().get(server.url), {
    status: 503,
    text: "öre x/y",
    retryAfterMs: 7_000,
  });
});

Deno.test("a time to come again may be a date, by the wall clock", async () => {
  const { clock, get } = scene();
  const date = new Date(clock.wallMs() + 90_000).toUTCString();
  await using server = serve(() =>
    new Response("", { status: 429, headers: { "retry-after": date } })
  );
  assert.equal((await get(server.url)).retryAfterMs, 90_000);
  await using other = serve(() =>
    new Response("", { status: 429, headers: { "retry-after": "soon" } })
  );
  assert.equal((await get(other.url)).retryAfterMs, undefined);
});

Deno.test("a redirect is an answer, and nobody follows it", async () => {
  await using server = serve(() =>
    new Response("", { status: 307, headers: { location: "http://127.0.0.1:1/" } })
  );
  const { status, location } = await scene().get(server.url);
  assert.deepEqual([status, location], [307, "http://127.0.0.1:1/"]);
});

Deno.test("an answer that is too large is a fault before it is read", async () => {
  await using server = serve(() => new Response("x".repeat(2_000)));
  await assert.rejects(
    scene(1_024).get(server.url),
    (error) => error instanceof TableFault && /larger than 1KiB/.test(error.message),
  );
  assert.equal((await scene(2_000).get(server.url)).text.length, 2_000);
});

Deno.test("who does not answer in time, or at all, is away, and no query is told", async () => {
  const asked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  await using server = serve(async () => {
    asked.resolve();
    await over.promise;
    return new Response();
  });
  const { clock, get } = scene();
  const late = assert.rejects(get(server.url), (error) => {
    assert.ok(error instanceof TransientError);
    assert.match(
      error.message,
      /^http:\/\/127\.0\.0\.1:\d+ does not answer \(no answer within 1s\)$/,
    );
    return true;
  });
  await asked.promise;
  await clock.advance(1_000);
  await late;
  over.resolve();
  const gone = serve(() => new Response());
  await gone[Symbol.asyncDispose]();
  await assert.rejects(get(gone.url), (error) => {
    assert.ok(error instanceof TransientError);
    assert.match(error.message, /Connection refused/);
    assert.doesNotMatch(error.message, /hush/);
    return true;
  });
});

Deno.test("a body that breaks off is no answer", async () => {
  await using server = serve(() =>
    new Response(new ReadableStream({ start: (to) => to.error("gone") }))
  );
  await assert.rejects(scene().get(server.url), (error) => {
    assert.ok(error instanceof TransientError);
    // A log would take it for a fault of the program.
    assert.ok(!(error.cause instanceof TypeError));
    return true;
  });
});

Deno.test("hostOf and waitText say no more than they should", () => {
  assert.equal(hostOf("https://u:p@catalog.example:8181/a?b=c"), "https://catalog.example:8181");
  assert.equal(
    waitText({ status: 503, text: "", retryAfterMs: 5_000 }),
    ", to be asked again in 5s",
  );
  assert.equal(waitText({ status: 503, text: "" }), "");
});
