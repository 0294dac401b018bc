import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { sigv4Login } from "../../../../../src/table/iceberg/rest/sigv4_login.ts";
import { TableFault } from "../../../../../src/table/table_log.ts";
import { VirtualClock } from "../../../../support/virtual_clock.ts";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "hush-hush", sessionToken: "for-now" };
const WHERE = { service: "glue", region: "eu-central-1" };

const request = {
  method: "POST",
  url: "https://glue.eu-central-1.amazonaws.com/iceberg/v1/catalogs/1234/namespaces/a%1Fb/tables",
  headers: { accept: "application/json", "content-type": "application/json" },
  body: '{"name":"orders"}',
} as const;

Deno.test("a request is signed as AWS describes it, the path encoded twice", async () => {
  const clock = new VirtualClock({ wallMs: Date.UTC(2026, 10, 21, 9, 30) });
  const login = sigv4Login({ ...WHERE, credentials: () => () => Promise.resolve(KEYS) }, clock);
  const signed = await login.headers(request);
  assert.equal(signed["x-amz-date"], "20261121T093000Z");
  assert.equal(signed["x-amz-security-token"], "for-now");
  const hex = (text: string) => createHash("sha256").update(text).digest("hex");
  const names = "accept;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token";
  const canonical = [
    "POST",
    "/iceberg/v1/catalogs/1234/namespaces/a%251Fb/tables",
    "",
    "accept:application/json",
    "content-type:application/json",
    "host:glue.eu-central-1.amazonaws.com",
    `x-amz-content-sha256:${hex(request.body)}`,
    "x-amz-date:20261121T093000Z",
    "x-amz-security-token:for-now",
    "",
    names,
    hex(request.body),
  ].join("\n");
  const scope = "20261121/eu-central-1/glue/aws4_request";
  const toSign = ["AWS4-HMAC-SHA256", "20261121T093000Z", scope, hex(canonical)].join("\n");
  const key = ["20261121", "eu-central-1", "glue", "aws4_request"].reduce<string | Uint8Array>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    "AWS4hush-hush",
  );
  const signature = createHmac("sha256", key).update(toSign).digest("hex");
  assert.equal(
    signed.authorization,
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  );
});

Deno.test("after a refusal the sources of credentials are asked anew", async () => {
  let asked = 0;
  const credentials = () => {
    const keys = { accessKeyId: `KEY${++asked}`, secretAccessKey: "x" };
    return () => Promise.resolve(keys);
  };
  const login = sigv4Login({ ...WHERE, credentials }, new VirtualClock());
  assert.match((await login.headers(request)).authorization!, /Credential=KEY1\//);
  assert.equal(login.renew(500), false);
  assert.equal(login.renew(403), true);
  assert.match((await login.headers(request)).authorization!, /Credential=KEY2\//);
});

Deno.test("without credentials there is one sentence that says what to set", async () => {
  const credentials = () => () => Promise.reject(new Error("no providers"));
  const login = sigv4Login({ ...WHERE, credentials }, new VirtualClock());
  await assert.rejects(
    login.headers(request),
    (error) =>
      error instanceof TableFault && error.refuses &&
      /no providers.*AWS_PROFILE/.test(error.message),
  );
});
