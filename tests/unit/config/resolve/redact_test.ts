import assert from "node:assert/strict";
import { configOf, faultsOf } from "../../../support/load_config.ts";

Deno.test("REDACT is a list of paths, sorted and each once, in the environment and in YAML", () => {
  assert.deepEqual(configOf({}).redact, []);
  assert.deepEqual(configOf({ REDACT: "password, customer.email,password" }).redact, [
    "customer.email",
    "password",
  ]);
  assert.deepEqual(configOf({}, "redact: [customer._id, $odd, 'a,b', 2026]\n").redact, [
    "$odd",
    "2026",
    "a,b",
    "customer._id",
  ]);
});

Deno.test("REDACT refuses paths that would remove nothing, or what cannot be removed", () => {
  const cases: [string, RegExp, RegExp][] = [
    ["_id", /_id tells documents apart/, /Take it out/],
    ["_id.email", /in every resume token/, /Take it out/],
    ["customer..email", /empty name/, /customer\.email/],
    ["email.", /empty name/, /customer\.email/],
    ["fullDocument.email", /begins with a field of events/, /Write email: /],
    ["updateDescription.updatedFields.a.b", /begins with a field of events/, /Write a\.b: /],
    ["updateDescription.updatedFields", /begins with a field of events/, /Write password: /],
    ["fullDocument", /"fullDocument" is a field of events/, /Write the fields of documents/],
    ["updatedFields.a.b", /begins with a field of update descriptions/, /Write a\.b: /],
    ["removedFields", /is a field of update descriptions/, /such as password/],
    ["full_document.email", /begins with a column/, /Write email: /],
    ["update_description.updatedFields.a", /begins with a column/, /Write a: /],
    ["items[].secret", /the sign "\[\]"/, /every item/],
    ["items[0].secret", /the sign "\[0\]"/, /every item/],
    ["[email", /the sign "\[email"/, /every item/],
    ['"email"', /The path "email" has the sign " at an end/, /without quotes: email\.$/],
    ["'email", /The path 'email has the sign ' at an end/, /without quotes: email\.$/],
    ["email phone", /has a blank, a ; or a \| in it/, /Write commas between paths: email,phone;/],
    ["email;phone", /has a blank, a ; or a \| in it/, /Write commas between paths: email,phone;/],
    ["items.*.price", /the sign "\*"/, /every item/],
    ["items.$[].price", /the sign "\$\[\]"/, /every item/],
    ["items.$.price", /the sign "\$"/, /every item/],
  ];
  for (const [path, problem, next] of cases) {
    const [fault, ...others] = faultsOf({ REDACT: `password,${path}` });
    assert.deepEqual(others, [], path);
    assert.equal(fault!.setting, "REDACT");
    assert.match(fault!.problem, problem);
    assert.match(fault!.next!, next);
  }
});

Deno.test("REDACT takes any name out of a list in YAML, and tells at which item it is wrong", () => {
  assert.deepEqual(configOf({}, "redact: [first name, 'a;b']\n").redact, ["a;b", "first name"]);
  const [fault] = faultsOf({}, "redact:\n  - password\n  - fullDocument.email\n");
  assert.match(fault!.place!, /:3:5$/);
});
