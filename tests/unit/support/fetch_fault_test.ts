import assert from "node:assert/strict";
import { fetchFault } from "../../../src/support/fetch_fault.ts";

function faultOf(error: unknown): { message: string; code?: string; name: string } {
  const fault = fetchFault(error);
  assert(fault instanceof Error);
  return fault;
}

async function thrownBy(url: string): Promise<unknown> {
  return await fetch(url).then(() => undefined, (error) => error);
}

const LOOKUP = "failed to lookup address information: Name or service not known";
const SENDING = "error sending request for url (http://h:8080/x?a=b): client error (Connect): ";

Deno.test("fetchFault says what each runtime says of a host that does not exist, once and without the address", () => {
  const ofDeno24 = new TypeError(`${SENDING}dns error: ${LOOKUP}: ${LOOKUP}`);
  const ofDeno29 = new TypeError("fetch failed", {
    cause: new Error(`${SENDING}dns error: ${LOOKUP}`),
  });
  for (const error of [ofDeno24, ofDeno29]) {
    const { name, message, code } = faultOf(error);
    assert.deepEqual([name, code], ["Error", "ENOTFOUND"]);
    assert.match(message, /^failed to lookup address information: Name or service not known/);
    assert.doesNotMatch(message, /http:|TypeError|Name or .*Name or/);
  }
});

Deno.test("fetchFault knows the real errors of this runtime", async () => {
  const gone = faultOf(await thrownBy("http://no-such-host.invalid/"));
  assert.equal(gone.code, "ENOTFOUND");
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  const broken = thrownBy(`http://127.0.0.1:${port}/`);
  (await listener.accept()).close();
  assert.equal(faultOf(await broken).name, "Error");
  listener.close();
  const refused = faultOf(await thrownBy(`http://127.0.0.1:${port}/`));
  assert.deepEqual([refused.message, refused.code], ["Connection refused", "ECONNREFUSED"]);
});

Deno.test("fetchFault gives back what is no failure of a connection", () => {
  const aborted = new DOMException("Stopped", "AbortError");
  assert.equal(fetchFault(aborted), aborted);
  assert.equal(fetchFault("text"), "text");
});
