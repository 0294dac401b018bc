import assert from "node:assert/strict";
import {
  hostInUrl,
  isEveryInterface,
  isLoopback,
  parseHttpAddress,
} from "../../../../src/model/address/http_address.ts";

Deno.test("parseHttpAddress reads names, both families and all interfaces", () => {
  assert.deepEqual(parseHttpAddress("cache.example:80"), { host: "cache.example", port: 80 });
  assert.deepEqual(parseHttpAddress("[::1]:8080"), { host: "::1", port: 8080 });
  assert.deepEqual(parseHttpAddress(":0"), { host: "", port: 0 });
  for (const text of ["", "8080", "::1:8080", "a b:1", "h:70000", "h:", "none"]) {
    assert.equal(parseHttpAddress(text), undefined, text);
  }
});

Deno.test("hostInUrl gives back what parseHttpAddress has read", () => {
  for (const text of ["cache.example:80", "[::1]:8080", ":8080"]) {
    const { host, port } = parseHttpAddress(text)!;
    assert.equal(`${hostInUrl(host)}:${port}`, text);
  }
});

Deno.test("isEveryInterface and isLoopback know hosts of both families", () => {
  assert.deepEqual(["", "0.0.0.0", "::", "::1", "h"].map(isEveryInterface), [
    ...[true, true, true],
    ...[false, false],
  ]);
  assert.deepEqual(
    ["localhost", "127.8.0.1", "::1", "[::1]", "h", "10.0.0.1", ""].map(isLoopback),
    [
      ...[true, true, true, true],
      ...[false, false, false],
    ],
  );
});
