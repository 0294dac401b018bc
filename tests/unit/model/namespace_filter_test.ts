import assert from "node:assert/strict";
import {
  globSource,
  isNamespaceWanted,
  wantedNamespaces,
} from "../../../src/model/namespace_filter.ts";

Deno.test("isNamespaceWanted takes what a pattern fits, and no exclude", () => {
  const filter = { include: ["shop.*", "crm.people"], exclude: ["*.tmp_*"] };
  const wanted = ["shop.orders", "shop.a.b", "crm.people"];
  const unwanted = ["crm.other", "shop.tmp_1", "shopx.orders", "xcrm.people"];
  for (const name of wanted) assert.equal(isNamespaceWanted(filter, name), true, name);
  for (const name of unwanted) assert.equal(isNamespaceWanted(filter, name), false, name);
  assert.equal(isNamespaceWanted({ include: [], exclude: [] }, "any.thing"), true);
  assert.equal(
    isNamespaceWanted({ include: ["shop.a\nb"], exclude: ["shop.*b"] }, "shop.a\nb"),
    false,
  );
});

Deno.test("globSource takes everything but the star by the letter", () => {
  assert.equal(globSource("shop.a*(b)"), "^shop\\.a.*\\(b\\)$");
});

Deno.test("wantedNamespaces answers for many as for one", () => {
  const isWanted = wantedNamespaces({ include: ["shop.*"], exclude: ["shop.tmp*"] });
  const names = ["shop.a", "shop.tmp", "crm.a", "shop.b"];
  assert.deepEqual(names.filter(isWanted), ["shop.a", "shop.b"]);
});
