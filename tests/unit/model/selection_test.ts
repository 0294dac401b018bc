import assert from "node:assert/strict";
import { selectionDifferences, selectionOf, whyNotBoth } from "../../../src/model/selection.ts";
import type { StreamSettings } from "../../../src/model/settings.ts";
import { SETTINGS } from "../../support/lake_world.ts";

const SAME: readonly Partial<StreamSettings>[] = [
  { encoding: { format: "csv", compression: "gzip", jsonMode: "canonical" } },
  { keyRule: { template: "", bucket: "none" } },
  { encoderVersion: 9 },
  { redact: [] },
  { fullDocument: "update-lookup", fullDocumentBeforeChange: "when-available" },
];

const OTHER: readonly [string, Partial<StreamSettings>][] = [
  ["the collections", { namespaces: { include: ["shop.a"], exclude: [] } }],
  ["the collections", { namespaces: { include: [], exclude: ["shop.a"] } }],
  ["the pipeline stages", { stages: [{ $match: { operationType: "insert" } }] }],
  ["FULL_DOCUMENT", { fullDocument: "required" }],
  ["FULL_DOCUMENT_BEFORE_CHANGE", { fullDocumentBeforeChange: "required" }],
  ["REDACT", { redact: ["password"] }],
];

Deno.test("selectionOf is the same for settings that differ in bytes only", () => {
  for (const changed of SAME) {
    assert.equal(selectionOf({ ...SETTINGS, ...changed }), selectionOf(SETTINGS));
  }
  const [one, two] = [["shop.a", "shop.b"], ["shop.b", "shop.a", "shop.b"]].map((include) =>
    selectionOf({ ...SETTINGS, namespaces: { include, exclude: [] } })
  );
  assert.equal(one, two);
  const [password, both] = [["password"], ["password", "iban"]].map((redact) =>
    selectionOf({ ...SETTINGS, redact })
  );
  assert.deepEqual(selectionDifferences(password!, both!), ["REDACT"]);
  // Versions that know nothing of it must not take it for another selection where it is not used.
  assert.equal(selectionOf(SETTINGS).split("-").length, 4);
});

Deno.test("selectionDifferences names what selects other events", () => {
  const own = selectionOf(SETTINGS);
  assert.deepEqual(selectionDifferences(own, own), []);
  for (const [name, changed] of OTHER) {
    assert.deepEqual(selectionDifferences(own, selectionOf({ ...SETTINGS, ...changed })), [name]);
  }
  const all = selectionOf({ ...SETTINGS, redact: ["password"] });
  assert.deepEqual(selectionDifferences(all, `${all}-more`), ["the settings"]);
});

Deno.test("whyNotBoth says what would happen", () => {
  assert.match(whyNotBoth(["REDACT"]), /one would store what the other removes/);
  assert.match(whyNotBoth(["REDACT", "FULL_DOCUMENT"]), /pass over events of the other/);
  assert.match(whyNotBoth(["the settings"]), /pass over events of the other/);
});
