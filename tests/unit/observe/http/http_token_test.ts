import assert from "node:assert/strict";
import { carriesToken, isOwnRequest } from "../../../../src/observe/http/http_token.ts";

const TOKEN = "correct-horse";

function carries(authorization?: string): boolean {
  const headers = new Headers(authorization === undefined ? {} : { authorization });
  return carriesToken(headers, TOKEN);
}

Deno.test("carriesToken takes the token as bearer, or as the password of any user", () => {
  assert.ok(carries(`Bearer ${TOKEN}`));
  assert.ok(carries(`bearer  ${TOKEN}`));
  assert.ok(carries(`Basic ${btoa(`:${TOKEN}`)}`));
  assert.ok(carries(`Basic ${btoa(`somebody:${TOKEN}`)}`));
});

Deno.test("carriesToken refuses everything else", () => {
  const wrong = [
    undefined,
    "",
    TOKEN,
    "Bearer",
    "Bearer ",
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN} more`,
    `Digest ${TOKEN}`,
    `Basic ${btoa(TOKEN)}`,
    `Basic ${btoa(`${TOKEN}:`)}`,
    "Basic ====",
    "Basic %%%",
  ];
  assert.deepEqual(wrong.filter(carries), []);
});

Deno.test("isOwnRequest refuses what other sites' pages send", () => {
  const own = (headers: Record<string, string>) =>
    isOwnRequest(new Request("http://lake:8080/streams/a/pause", { method: "POST", headers }));
  const host = "lake:8080";
  assert.ok(own({ host }));
  assert.ok(own({ host, origin: "http://lake:8080" }));
  assert.ok(own({ host, origin: "https://lake:8080", "sec-fetch-site": "same-origin" }));
  assert.ok(!own({ host, origin: "http://evil.example" }));
  assert.ok(!own({ host, origin: "http://lake:9090" }));
  assert.ok(!own({ host, origin: "null" }));
  assert.ok(!own({ host, "sec-fetch-site": "cross-site" }));
  assert.ok(!own({ host, "sec-fetch-site": "same-site" }));
});
