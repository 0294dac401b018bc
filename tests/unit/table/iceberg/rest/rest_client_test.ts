import assert from "node:assert/strict";
import { TransientError } from "../../../../../src/model/errors.ts";
import type {
  HttpAnswer,
  HttpRequest,
} from "../../../../../src/table/iceberg/rest/http_exchange.ts";
import type { Login } from "../../../../../src/table/iceberg/rest/login.ts";
import { tokenLogin } from "../../../../../src/table/iceberg/rest/login.ts";
import { RestClient } from "../../../../../src/table/iceberg/rest/rest_client.ts";
import { TableFault } from "../../../../../src/table/table_log.ts";
import { SeededRandom } from "../../../../support/seeded_random.ts";
import { VirtualClock } from "../../../../support/virtual_clock.ts";

const LOAD = { action: "load the table of shop.orders", method: "GET", path: "/v1/t" } as const;
const COMMIT = { ...LOAD, method: "POST", body: { id: 2776548382984813079n } } as const;

type Told = HttpAnswer | Error;

function scene(answers: readonly Told[], login: Login = tokenLogin("hush-hush")) {
  const clock = new VirtualClock();
  const requests: HttpRequest[] = [];
  const client = new RestClient({
    ...{ url: "https://catalog.example/api", login, clock, random: new SeededRandom(1) },
    signal: new AbortController().signal,
    exchange(request) {
      requests.push(request);
      const answer = answers[requests.length - 1] ?? fine();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return { client, clock, requests };
}

function fine(text = "{}"): HttpAnswer {
  return { status: 200, text };
}

function refused(status: number, text = "", more: Partial<HttpAnswer> = {}): HttpAnswer {
  return { status, text, ...more };
}

Deno.test("a call carries the login, and ids as they are", async () => {
  const { client, requests } = scene([fine('{"snapshot-id":2776548382984813079}')]);
  const { body } = await client.call(COMMIT);
  assert.deepEqual(body, { "snapshot-id": 2776548382984813079n });
  const [{ url, headers, body: sent }] = requests as [HttpRequest];
  assert.equal(url, "https://catalog.example/api/v1/t");
  assert.equal(headers.authorization, "Bearer hush-hush");
  assert.equal(sent, '{"id":2776548382984813079}');
});

Deno.test("a refusal is tried again once where there are other credentials", async () => {
  let renewed = 0;
  const login = { ...tokenLogin("hush-hush"), renew: () => ++renewed > 0 };
  const { client, requests } = scene([refused(401), fine()], login);
  await client.call(LOAD);
  assert.deepEqual([requests.length, renewed], [2, 1]);
  const twice = scene([refused(401), refused(401), fine()], login);
  await assert.rejects(twice.client.call(LOAD), TableFault);
});

const FAULTS: readonly [status: number, words: RegExp][] = [
  [401, /does not know us \(HTTP 401, Type: says\); check ICEBERG_TOKEN$/],
  [403, /denies that \(HTTP 403, Type: says\); allow it, or check ICEBERG_TOKEN$/],
  [404, /nothing is there .* check ICEBERG_CATALOG/],
  [400, /refuses the request \(HTTP 400, Type: says\)$/],
];

for (const [status, words] of FAULTS) {
  Deno.test(`status ${status} is one sentence that says where, what and what next`, async () => {
    const text = '{"error":{"message":"says","type":"Type"}}';
    await assert.rejects(scene([refused(status, text)]).client.call(LOAD), (error) => {
      assert.ok(error instanceof TableFault && error.refuses);
      const start =
        "Cannot load the table of shop.orders in the Iceberg catalog https://catalog.example/api: ";
      assert.ok(error.message.startsWith(start), error.message);
      assert.match(error.message, words);
      return true;
    });
  });
}

Deno.test("a redirect is not followed but told", async () => {
  const answer = refused(303, "", { location: "https://login.example/" });
  await assert.rejects(
    scene([answer]).client.call(LOAD),
    /elsewhere to https:\/\/login\.example\//,
  );
});

Deno.test("what AWS says is told, a page is not, and no secret is", async () => {
  const aws = refused(403, '{"Message":"User is not\\nauthorized: hush-hush"}');
  await assert.rejects(scene([aws]).client.call(LOAD), (error: Error) => {
    assert.match(error.message, /HTTP 403, User is not authorized: \*\*\*/);
    return true;
  });
  await assert.rejects(scene([refused(400, "<html>no</html>")]).client.call(LOAD), /\(HTTP 400\)$/);
});

Deno.test("a secret that a long answer repeats is not told in part either", async () => {
  const token = "abcdefgh".repeat(100);
  const answer = refused(401, JSON.stringify({ error: { message: `cannot verify ${token}` } }));
  await assert.rejects(scene([answer], tokenLogin(token)).client.call(LOAD), (error: Error) => {
    assert.match(error.message, /cannot verify \*\*\*/);
    assert.doesNotMatch(error.message, /abcd/);
    return true;
  });
});

Deno.test("an address with escapes is told as it is", async () => {
  const answer = refused(302, "", { location: "https://login.example/a%2Fb" });
  await assert.rejects(
    scene([answer]).client.call(LOAD),
    /elsewhere to https:\/\/login\.example\/a%2Fb \(HTTP 302\)/,
  );
});

Deno.test("a busy catalog is waited for as it asks, and not for long", async () => {
  const { client, clock, requests } = scene([refused(503, "", { retryAfterMs: 4_000 }), fine()]);
  const call = client.call(LOAD);
  await clock.advance(3_900);
  assert.equal(requests.length, 1);
  await clock.advance(200);
  assert.equal((await call).status, 200);
  const long = scene([refused(429, "", { retryAfterMs: 60_000 })]);
  await assert.rejects(
    long.client.call(LOAD),
    (error) => error instanceof TransientError && /asked again in 1m/.test(error.message),
  );
});

Deno.test("a catalog that stays away is asked three times, and that is no fault of the table", async () => {
  const { client, clock, requests } = scene([503, 503, 503, 200].map((status) => refused(status)));
  const call = assert.rejects(client.call(LOAD), TransientError);
  await clock.advance(60_000);
  await call;
  assert.equal(requests.length, 3);
});

Deno.test("expected statuses come back, also without JSON", async () => {
  const { client } = scene([refused(404, "<html>")]);
  assert.deepEqual(await client.call({ ...LOAD, expected: [404] }), {
    status: 404,
    body: undefined,
  });
});

const UNKNOWN: readonly [string, Told][] = [
  ["without an answer", new TransientError("no answer")],
  ["answered with 500", refused(500)],
  ["answered with 503", refused(503, "", { retryAfterMs: 1_000 })],
  ["answered with 504", refused(504)],
  ["answered with something else than JSON", fine("<html>")],
];

for (const [how, told] of UNKNOWN) {
  Deno.test(`a change ${how} is unknown, and not sent again`, async () => {
    const { client, requests } = scene([told]);
    assert.equal(await client.change(COMMIT), "unknown");
    assert.equal(requests.length, 1);
  });
}

Deno.test("a change that is refused for too many requests is sent again, for it was not made", async () => {
  const { client, clock, requests } = scene([refused(429), fine()]);
  const change = client.change(COMMIT);
  await clock.advance(10_000);
  assert.notEqual(await change, "unknown");
  assert.equal(requests.length, 2);
});

Deno.test("a change that is denied is a fault", async () => {
  await assert.rejects(scene([refused(403)]).client.change(COMMIT), TableFault);
});
