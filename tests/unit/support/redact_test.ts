import assert from "node:assert/strict";
import { redact, redactAll } from "../../../src/support/redact.ts";

Deno.test("redact takes user and password out of addresses", () => {
  for (
    const [text, expected] of [
      ["mongodb://a:b@h/", "mongodb://***@h/"],
      ["mongodb+srv://a@h/", "mongodb+srv://***@h/"],
      ["mongodb://a:p@ss/w@rd@h1,h2/x", "mongodb://***@h1,h2/x"],
      ["Cannot reach 'redis://:b@h': gone", "Cannot reach 'redis://***@h': gone"],
      ["redis://:a@h and redis://:b@i", "redis://***@h and redis://***@i"],
      ["s3://id:secret@bucket/x", "s3://***@bucket/x"],
    ] as const
  ) {
    assert.equal(redact(text), expected);
  }
});

Deno.test("redact leaves alone what holds no secret", () => {
  for (
    const text of ["mongodb://h1,h2/", "ann@example.org", "s3://bucket/a@b", "file:///a@b", "a:b@c"]
  ) {
    assert.equal(redact(text), text);
  }
});

Deno.test("redact takes the values of secret parameters", () => {
  assert.equal(
    redact("https://h/x?X-Amz-Signature=abc&x=1&X-Amz-Credential=d"),
    "https://h/x?X-Amz-Signature=***&x=1&X-Amz-Credential=***",
  );
  assert.equal(
    redact(
      "mongodb://h/?tlsCertificateKeyFilePassword=p&authMechanismProperties=AWS_SESSION_TOKEN:x",
    ),
    "mongodb://h/?tlsCertificateKeyFilePassword=***&authMechanismProperties=***",
  );
});

Deno.test("redactAll takes the given secrets wherever they stand", () => {
  assert.equal(redactAll("a hunter22 b hunter22", ["hunter22"]), "a *** b ***");
  assert.equal(redactAll("a b", [""]), "a b");
});
