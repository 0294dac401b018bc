import assert from "node:assert/strict";
import { TransientError } from "../../../../../src/model/errors.ts";
import type {
  HttpAnswer,
  HttpRequest,
} from "../../../../../src/table/iceberg/rest/http_exchange.ts";
import { OAuth2Login } from "../../../../../src/table/iceberg/rest/oauth2_login.ts";
import { TableFault } from "../../../../../src/table/table_log.ts";
import { VirtualClock } from "../../../../support/virtual_clock.ts";

const OPTIONS = {
  url: "https://login.example/tokens",
  clientId: "ours",
  clientSecret: "hush-hush",
  scope: "PRINCIPAL_ROLE:ALL",
};

function scene(answer: (count: number) => HttpAnswer = (n) => granted(`token-${n}`, 3600)) {
  const clock = new VirtualClock();
  const requests: HttpRequest[] = [];
  const login = new OAuth2Login(OPTIONS, (request) => {
    requests.push(request);
    return Promise.resolve(answer(requests.length));
  }, clock);
  return { clock, requests, login };
}

function granted(token: string, seconds?: number): HttpAnswer {
  const text = JSON.stringify({ access_token: token, token_type: "bearer", expires_in: seconds });
  return { status: 200, text };
}

Deno.test("a token is asked for once, also by many at a time, and kept until shortly before its end", async () => {
  const { clock, requests, login } = scene();
  const all = await Promise.all([1, 2, 3].map(() => login.headers()));
  assert.deepEqual(new Set(all.map((each) => each.authorization)), new Set(["Bearer token-1"]));
  const { method, url, body } = requests[0]!;
  assert.deepEqual([method, url], ["POST", OPTIONS.url]);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
    grant_type: "client_credentials",
    client_id: "ours",
    client_secret: "hush-hush",
    scope: "PRINCIPAL_ROLE:ALL",
  });
  await clock.advance(3539_000);
  await login.headers();
  assert.equal(requests.length, 1);
  await clock.advance(2_000);
  assert.deepEqual(await login.headers(), { authorization: "Bearer token-2" });
});

Deno.test("a short token is used for most of its life, and one without an end for an hour", async () => {
  for (const [seconds, beforeMs] of [[10, 7_900], [undefined, 3_539_000]] as const) {
    const { clock, requests, login } = scene((n) => granted(`token-${n}`, seconds));
    await login.headers();
    await clock.advance(beforeMs);
    await login.headers();
    assert.equal(requests.length, 1);
    await clock.advance(2_000);
    await login.headers();
    assert.equal(requests.length, 2);
  }
});

Deno.test("a token that is refused is asked for anew, one that is denied something is not", async () => {
  const { requests, login } = scene();
  await login.headers();
  assert.equal(login.renew(403), false);
  assert.equal(login.renew(401), true);
  await login.headers();
  assert.equal(requests.length, 2);
});

Deno.test("what the server says of a refusal is told, and no secret in it", async () => {
  const { login } = scene(() => ({ status: 401, text: '{"error":"hush-hush is\\n wrong"}' }));
  await assert.rejects(login.headers(), (error) => {
    assert.ok(error instanceof TableFault && error.refuses);
    assert.match(error.message, /^Cannot get a token from https:\/\/login\.example: HTTP 401, /);
    assert.match(error.message, /check ICEBERG_CREDENTIAL and ICEBERG_OAUTH2_SCOPE$/);
    assert.doesNotMatch(error.message, /hush|\n/);
    return true;
  });
});

Deno.test("a secret that a long answer repeats is not told in part either", async () => {
  const { login } = scene(() => ({ status: 400, text: `${"x".repeat(195)}hush-hush` }));
  await assert.rejects(login.headers(), (error: Error) => {
    assert.doesNotMatch(error.message, /hush/);
    return true;
  });
});

Deno.test("a server that is away passes, and an address without tokens is a fault", async () => {
  const away = scene(() => ({ status: 503, text: "", retryAfterMs: 5_000 }));
  await assert.rejects(away.login.headers(), TransientError);
  for (const answer of [{ status: 404, text: "" }, { status: 200, text: "<html>" }]) {
    await assert.rejects(scene(() => answer).login.headers(), (error) => {
      return error instanceof TableFault && error.refuses &&
        error.message.includes("ICEBERG_OAUTH2_SERVER_URI");
    });
  }
});

Deno.test("after a failure the next request asks again", async () => {
  const { requests, login } = scene((n) =>
    n === 1 ? { status: 502, text: "" } : granted("good", 60)
  );
  await assert.rejects(login.headers());
  assert.deepEqual(await login.headers(), { authorization: "Bearer good" });
  assert.equal(requests.length, 2);
});
