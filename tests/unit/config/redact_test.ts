import assert from "node:assert/strict";
import { configOf, faultsOf } from "../../support/load_config.ts";

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
