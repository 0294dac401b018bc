import assert from "node:assert/strict";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  createS3Http,
  hasSoundNodeHttp,
  readBody,
  uploadWay,
} from "../../../../src/destination/s3/s3_http.ts";
import { FaultProxy } from "../../../support/fault_proxy.ts";
import { s3Refusal, type S3Story, StandInS3 } from "../../../support/stand_in_s3.ts";

/** Those that a program would take on this runtime. */
const WAYS = hasSoundNodeHttp(Deno.version.deno) ? ["node", "fetch"] as const : ["fetch"] as const;

/** Runs `check` with the SDK's client over each way to upload, at a server behind a proxy. */
async function withEachWay(
  story: S3Story,
  check: (client: S3Client, server: StandInS3, proxy: FaultProxy) => Promise<void>,
): Promise<void> {
  for (const uploadBy of WAYS) {
    await using server = new StandInS3(story);
    const target = { hostname: "127.0.0.1", port: server.port };
    await using proxy = new FaultProxy({ target });
    const client = new S3Client({
      endpoint: proxy.url,
      region: "us-east-1",
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: "stand-in", secretAccessKey: "stand-in-secret" },
      requestHandler: createS3Http(4, uploadBy),
    });
    try {
      await check(client, server, proxy);
    } finally {
      client.destroy();
      // A second time does nothing.
      client.destroy();
    }
  }
}

function put(client: S3Client, bytes: Uint8Array): Promise<unknown> {
  const size = { ContentLength: bytes.length };
  const key = { Bucket: "lake", Key: "a b/it's (1)*!" };
  return client.send(new PutObjectCommand({ ...key, ...size, Body: bytes }));
}

Deno.test("createS3Http sends path, query, headers and body as the SDK signed them", async () => {
  await withEachWay(() => new Response("text"), async (client, server, proxy) => {
    for (const length of [0, 5, 300_000]) {
      const whole = new Uint8Array(length + 2).map((_, i) => i);
      await put(client, whole.subarray(1, -1));
      const call = server.calls.at(-1)!;
      assert.deepEqual(call.body, whole.subarray(1, -1));
      assert.equal(call.path, "/lake/a b/it's (1)*!");
      assert.equal(call.headers.get("content-length"), String(length));
      assert.equal(call.headers.get("host"), `127.0.0.1:${proxy.port}`);
    }
    const key = { Bucket: "lake", Key: "a", ResponseCacheControl: "it's (1)*! &=é" };
    const output = await client.send(new GetObjectCommand(key));
    assert.equal(await output.Body!.transformToString(), "text");
    const call = server.calls.at(-1)!;
    assert.equal(call.query.get("response-cache-control"), "it's (1)*! &=é");
    assert.equal(call.headers.get("accept-encoding"), "identity");
  });
});

Deno.test("createS3Http answers refusals and redirects as they are", async () => {
  const headers = { location: "http://127.0.0.1:1/" };
  const story: S3Story = (_, index) =>
    index === 0
      ? s3Refusal(412, "PreconditionFailed")
      : s3Refusal(307, "TemporaryRedirect", headers);
  await withEachWay(story, async (client, server) => {
    await assert.rejects(put(client, new Uint8Array(9)), { name: "PreconditionFailed" });
    await assert.rejects(put(client, new Uint8Array(9)), { name: "TemporaryRedirect" });
    assert.equal(server.calls.length, 2);
  });
});

Deno.test("createS3Http rejects where a connection breaks or the signal is aborted", async () => {
  const read = (client: S3Client, abortSignal?: AbortSignal) =>
    client.send(
      new GetObjectCommand({ Bucket: "lake", Key: "a" }),
      abortSignal === undefined ? {} : { abortSignal },
    );
  await withEachWay(() => new Response("text"), async (client, _, proxy) => {
    proxy.setMode({ kind: "cut", direction: "response", afterBytes: 1 });
    await assert.rejects(put(client, new Uint8Array(9)));
    await assert.rejects(read(client));
    proxy.setMode({ kind: "black-hole" });
    const controller = new AbortController();
    const waiting = read(client, controller.signal);
    controller.abort();
    await assert.rejects(waiting, { name: "AbortError" });
  });
});

Deno.test("createS3Http has read a small answer when it gives it, and a large one not", async () => {
  const handler = createS3Http(4);
  const get = async (length: number) => {
    await using server = new StandInS3(() => new Response(new Uint8Array(length).fill(7)));
    const abort = new AbortController();
    const request = {
      ...{ method: "GET", protocol: "http:", hostname: "127.0.0.1", port: server.port },
      ...{ path: "/lake/a", query: {}, headers: {} },
    };
    type Request = Parameters<typeof handler.handle>[0];
    const options = { abortSignal: abort.signal };
    const { response } = await handler.handle(request as Request, options);
    abort.abort();
    return await new Response(response.body as ReadableStream).bytes();
  };
  for (const length of [0, 1, 1024 * 1024]) {
    assert.deepEqual(await get(length), new Uint8Array(length).fill(7));
  }
  const body = new Response(new Uint8Array([7, 8])).body!;
  assert.deepEqual(await readBody(body), new Uint8Array([7, 8]));
  assert.deepEqual(await readBody(undefined), new Uint8Array(0));
  await assert.rejects(get(8 * 1024 * 1024));
  handler.destroy?.();
});

Deno.test("createS3Http keeps connections open", async () => {
  await withEachWay(() => new Response("text"), async (client, _, proxy) => {
    for (let i = 0; i < 6; i++) await put(client, new Uint8Array(9));
    assert.equal(proxy.counts.connections, 1);
  });
});

Deno.test("hasSoundNodeHttp is true from Deno 2.9", () => {
  for (const version of ["2.9.0", "2.9.6", "2.10.1", "3.0.0"]) {
    assert.equal(hasSoundNodeHttp(version), true, version);
  }
  for (const version of ["1.46.3", "2.4.2", "2.8.9"]) {
    assert.equal(hasSoundNodeHttp(version), false, version);
  }
});

Deno.test("uploadWay is by fetch where there may be a proxy", () => {
  assert.equal(uploadWay("2.9.6", { NO_PROXY: "*", HTTP_PROXY: "" }), "node");
  assert.equal(uploadWay("2.4.2", {}), "fetch");
  for (const name of ["HTTPS_PROXY", "http_proxy", "all_proxy"]) {
    assert.equal(uploadWay("2.9.6", { [name]: "http://proxy:3128" }), "fetch", name);
  }
});

Deno.test("createS3Http goes through the proxy that the environment names", async () => {
  await using proxy = new StandInS3(() => new Response("from the proxy"));
  const script = `
    import { createS3Http } from "${new URL(
    "../../../../src/destination/s3/s3_http.ts",
    import.meta.url,
  )}";
    const handler = createS3Http(2);
    const place = { protocol: "http:", hostname: "s3.invalid", path: "/lake/a", headers: {} };
    for (const request of [{ method: "PUT", body: new Uint8Array(3) }, { method: "GET" }]) {
      const { response } = await handler.handle({ ...place, ...request });
      console.log(request.method, await new Response(response.body).text());
    }
    handler.destroy();
  `;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", script],
    env: {
      HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
      http_proxy: "",
      NO_PROXY: "",
      no_proxy: "",
    },
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(said, "PUT from the proxy\nGET from the proxy\n");
});

Deno.test("createS3Http says of a host that does not exist what it is, whichever way the request goes", async () => {
  const client = new S3Client({
    endpoint: "http://no-such-host.invalid:9000",
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: "stand-in", secretAccessKey: "stand-in-secret" },
    requestHandler: createS3Http(4),
  });
  const requests = [
    () => put(client, new Uint8Array(1)),
    () => client.send(new GetObjectCommand({ Bucket: "lake", Key: "a" })),
  ];
  // One after the other: one that fails while another is awaited would end the tests.
  for (const request of requests) {
    const error = await request().then(() => undefined, (error) => error);
    assert.deepEqual([error.name, error.code], ["Error", "ENOTFOUND"]);
  }
  client.destroy();
});
