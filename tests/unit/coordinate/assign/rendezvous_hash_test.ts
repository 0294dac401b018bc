import assert from "node:assert/strict";
import { score } from "../../../../src/coordinate/assign/rendezvous_hash.ts";

Deno.test("score stays what it is: instances of two versions must agree", () => {
  assert.equal(score("deployment", "host-1"), 405888817);
  assert.notEqual(score("deployment", "host-2"), 405888817);
  assert.notEqual(score("database.shop", "host-1"), 405888817);
});

Deno.test("score spreads streams with similar names evenly", () => {
  const owners = ["app-1-a", "app-2-a", "app-3-a"];
  const won = owners.map(() => 0);
  for (let i = 0; i < 3000; i++) {
    const scores = owners.map((owner) => score(`collection.shop.orders.e1.${i}of3000`, owner));
    won[scores.indexOf(Math.max(...scores))]!++;
  }
  for (const count of won) assert(count > 800 && count < 1200, String(won));
});
