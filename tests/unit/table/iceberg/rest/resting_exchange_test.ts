import assert from "node:assert/strict";
import { TransientError } from "../../../../../src/model/errors.ts";
import { restingExchange } from "../../../../../src/table/iceberg/rest/resting_exchange.ts";
import { VirtualClock } from "../../../../support/virtual_clock.ts";

const REQUEST = { method: "GET", url: "https://c.example/v1/x?secret=1", headers: {} } as const;

Deno.test("a server that has not answered three requests is left alone for half a minute", async () => {
  const clock = new VirtualClock();
  let [asked, isAway] = [0, true];
  const exchange = restingExchange(() => {
    asked++;
    return isAway
      ? Promise.reject(new TransientError("no answer"))
      : Promise.resolve({ status: 500, text: "" });
  }, clock);
  const ask = () => exchange(REQUEST);
  for (let i = 0; i < 3; i++) await assert.rejects(ask(), /^TransientError: no answer$/);
  await assert.rejects(
    ask(),
    /https:\/\/c\.example has not answered 3 requests in a row; it is asked again in 30s$/,
  );
  assert.equal(asked, 3);
  await clock.advance(30_000);
  await assert.rejects(ask(), /no answer/);
  await assert.rejects(ask(), /has not answered 4 requests/);
  await clock.advance(30_000);
  isAway = false;
  // Whatever it says is an answer.
  for (let i = 0; i < 2; i++) assert.equal((await ask()).status, 500);
  isAway = true;
  await assert.rejects(ask(), /no answer/);
  await assert.rejects(ask(), /no answer/);
});
