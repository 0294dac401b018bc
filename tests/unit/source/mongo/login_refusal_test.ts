import assert from "node:assert/strict";
import { MongoNetworkError, MongoServerSelectionError, type TopologyDescription } from "mongodb";
import { loginRefusalIn } from "../../../../src/source/mongo/login_refusal.ts";
import { serverError } from "../fake_client.ts";

const REFUSED = serverError(18, "Authentication failed.");

function notFound(...errors: (Error | null)[]): MongoServerSelectionError {
  const servers = new Map(errors.map((error, i) => [`h:${i}`, { address: `h:${i}`, error }]));
  return new MongoServerSelectionError("timed out", { servers } as unknown as TopologyDescription);
}

Deno.test("loginRefusalIn finds the server's word in whatever the driver wraps it", () => {
  const pool = new MongoNetworkError("the pool was cleared", { cause: REFUSED });
  for (const error of [REFUSED, pool, notFound(null, REFUSED), notFound(pool)]) {
    assert.equal(loginRefusalIn(error), REFUSED);
  }
});

Deno.test("loginRefusalIn finds none in other errors, nor in a circle of them", () => {
  const circle = new Error("round");
  circle.cause = circle;
  const others = [serverError(13, "no right"), notFound(new Error("refused")), circle, "18", null];
  for (const error of others) assert.equal(loginRefusalIn(error), undefined);
});
