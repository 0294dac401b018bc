import assert from "node:assert/strict";
import { NO_LOGIN, tokenLogin } from "../../../../../src/table/iceberg/rest/login.ts";

const request = { method: "GET", url: "https://catalog.example/v1/config", headers: {} } as const;

Deno.test("NO_LOGIN adds nothing and has nothing else to try", async () => {
  assert.deepEqual(await NO_LOGIN.headers(request), {});
  assert.equal(NO_LOGIN.renew(401), false);
});

Deno.test("tokenLogin is a bearer, whose token is a secret", async () => {
  const login = tokenLogin("of-somebody");
  assert.deepEqual(await login.headers(request), { authorization: "Bearer of-somebody" });
  assert.equal(login.renew(401), false);
  assert.deepEqual(login.secrets, ["of-somebody"]);
});
