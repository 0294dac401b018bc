import assert from "node:assert/strict";
import { NodeUploads } from "../../../../src/destination/s3/node_upload.ts";
import { StandInS3 } from "../../../support/stand_in_s3.ts";

const CONNECT_MS_MAX = 60_000;

Deno.test("NodeUploads sends what it is given, and has the whole answer", async () => {
  const answer = new Uint8Array(300_000).fill(7);
  const headers = new Headers([["x-two", "a"], ["x-two", "b"]]);
  await using server = new StandInS3(() => new Response(answer, { status: 418, headers }));
  const uploads = new NodeUploads(2, CONNECT_MS_MAX);
  const place = { protocol: "http:", hostname: "127.0.0.1", port: server.port, method: "PUT" };
  const body = new Uint8Array([1, 2, 3]);
  const sent = { ...place, path: "/a%20b?c=d", headers: { "x-own": "1" }, body };
  const got = await uploads.send(sent);
  assert.equal(got.statusCode, 418);
  assert.equal(got.headers["x-two"]!.replaceAll(" ", ""), "a,b");
  assert.deepEqual(got.body, answer);
  const [call] = server.calls;
  assert.deepEqual([call!.method, call!.path, call!.query.get("c")], ["PUT", "/a b", "d"]);
  assert.equal(call!.headers.get("x-own"), "1");
  assert.deepEqual(call!.body, body);
  uploads.close();
});

Deno.test("NodeUploads gives up where the signal is aborted, before and after sending", async () => {
  const received = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await using server = new StandInS3(async () => {
    received.resolve();
    await release.promise;
    return new Response();
  });
  const uploads = new NodeUploads(2, CONNECT_MS_MAX);
  const place = { protocol: "http:", hostname: "127.0.0.1", port: server.port };
  const upload = { ...place, method: "PUT", path: "/", headers: {}, body: new Uint8Array(1) };
  const abort = new AbortController();
  const sent = uploads.send(upload, abort.signal);
  await received.promise;
  abort.abort();
  await assert.rejects(sent, { name: "AbortError" });
  await assert.rejects(uploads.send(upload, abort.signal), { name: "AbortError" });
  assert.equal(server.calls.length, 1);
  release.resolve();
  uploads.close();
});

Deno.test("NodeUploads says which connection it could not have", async () => {
  const uploads = new NodeUploads(2, CONNECT_MS_MAX);
  const nobody = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = nobody.addr;
  nobody.close();
  const place = { protocol: "http:", hostname: "127.0.0.1", port, method: "PUT", path: "/" };
  await assert.rejects(uploads.send({ ...place, headers: {} }), { code: "ECONNREFUSED" });
  uploads.close();
});

/** Answers the first request with these bytes as soon as it has begun, and breaks the connection off. */
async function breakOff(listener: Deno.TcpListener, bytes: string): Promise<void> {
  const connection = await listener.accept();
  await connection.read(new Uint8Array(100));
  await connection.write(new TextEncoder().encode(bytes));
  connection.close();
}

Deno.test("NodeUploads takes a refusal that breaks off for one, and nothing else", async () => {
  const cases = [["413 Too Large", 413], ["200 OK", undefined]] as const;
  for (const [status, expected] of cases) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const uploads = new NodeUploads(2, CONNECT_MS_MAX);
    const { port } = listener.addr;
    const place = { protocol: "http:", hostname: "127.0.0.1", port, method: "PUT", path: "/" };
    const body = new Uint8Array(50);
    const sent = uploads.send({ ...place, headers: { "content-length": "50" }, body });
    const answered = breakOff(listener, `HTTP/1.1 ${status}\r\ncontent-length: 9\r\n\r\ncut`);
    if (expected === undefined) await assert.rejects(sent);
    else assert.equal((await sent).statusCode, expected);
    await answered;
    uploads.close();
  }
});
