import assert from "node:assert/strict";
import { Redaction } from "../../../../src/bson/redact/redaction.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

function below(redaction: Redaction, name: string) {
  return redaction.below(bytesOf(name), 0, bytesOf(name).length);
}

function belowPath(redaction: Redaction, name: string) {
  return redaction.belowPath(bytesOf(name), 0, bytesOf(name).length);
}

Deno.test("Redaction follows paths name by name, and the shorter path wins", () => {
  const paths = Redaction.from(["password", "customer.email", "customer.email.domain", "é.ü"]);
  assert.equal(below(paths, "password"), "all");
  assert.equal(below(paths, "passwor"), undefined);
  assert.equal(below(paths, "passwords"), undefined);
  const customer = below(paths, "customer");
  assert(customer instanceof Redaction);
  assert.equal(below(customer, "email"), "all");
  assert.equal(below(customer, "password"), undefined);
  const accented = below(paths, "é");
  assert(accented instanceof Redaction);
  assert.equal(below(accented, "ü"), "all");
});

Deno.test("belowPath takes names that are paths, and passes over indexes", () => {
  const paths = Redaction.from(["items.secret", "customer.email", "a.0.b"]);
  for (
    const name of [
      "items.secret",
      "items.0.secret",
      "items.10.0.secret",
      "items.0.secret.more",
      "customer.email.domain",
      "a.0.b",
      "a.0.5.b",
    ]
  ) assert.equal(belowPath(paths, name), "all", name);
  for (
    const name of ["items.0.name", "0.items.secret", "item.secret", "customer.0x.email", "a.b"]
  ) {
    assert.equal(belowPath(paths, name), undefined, name);
  }
  const item = belowPath(paths, "items.0");
  assert(item instanceof Redaction);
  assert.equal(below(item, "secret"), "all");
});

Deno.test("Redaction makes no more sets than there are, however often they are put together", () => {
  const paths = Redaction.from(["a.0.0.b", "a.c"]);
  const a = below(paths, "a");
  assert(a instanceof Redaction && a.hasIndexes);
  const once = below(a, "0");
  assert(once instanceof Redaction);
  let union = once.and(a);
  assert.equal(once.and(a), union);
  for (let i = 0; i < 5; i++) {
    const next = below(union, "0");
    assert(next instanceof Redaction);
    union = next.and(union);
  }
  const [last, again] = [union, (below(union, "0") as Redaction).and(union)];
  assert.equal(last, again);
  assert.equal(last.and(last), last);
});
