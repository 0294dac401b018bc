import assert from "node:assert/strict";
import {
  explainUnreachable,
  getStatus,
  instanceOrExplain,
} from "../../../../src/cli/instance/instance_request.ts";
import { verbContext } from "../../../support/verb_context.ts";

function instance(env: Record<string, string>, url?: string) {
  const { context, stderr } = verbContext(env, url === undefined ? {} : { url });
  return { found: instanceOrExplain(context), stderr: stderr.join("") };
}

Deno.test("instanceOrExplain finds the instance of this machine by HTTP_ADDRESS", () => {
  const urlOf = (HTTP_ADDRESS: string) => {
    const { found } = instance({ HTTP_ADDRESS });
    return typeof found === "number" ? found : found.url;
  };
  assert.equal(urlOf("127.0.0.1:8081"), "http://127.0.0.1:8081");
  assert.equal(urlOf(":8081"), "http://127.0.0.1:8081");
  assert.equal(urlOf("0.0.0.0:8081"), "http://127.0.0.1:8081");
  assert.equal(urlOf("[::]:8081"), "http://[::1]:8081");
  assert.equal(urlOf("[fd00::1]:8081"), "http://[fd00::1]:8081");
  assert.equal(urlOf("none"), 2);
});

Deno.test("instanceOrExplain takes the token and the certificate along, to --url too", () => {
  const env = { HTTP_TOKEN: "correct-horse", HTTP_TLS_CERT: "/c.pem", HTTP_TLS_KEY: "/k.pem" };
  const rights = { token: "correct-horse", certPath: "/c.pem" };
  assert.deepEqual(instance(env).found, { url: "https://127.0.0.1:8080", ...rights });
  const other = instance(env, "https://lake:9000/").found;
  assert.deepEqual(other, { url: "https://lake:9000", ...rights });
});

Deno.test("instanceOrExplain lists faults and refuses what is no address", () => {
  const faults = instance({ HTTP_ADDRESS: "nowhere" });
  assert.equal(faults.found, 2);
  assert.match(faults.stderr, /HTTP_ADDRESS/);
  for (const url of ["lake:9000", "ftp://lake", "http://lake/x", "http://"]) {
    assert.equal(instance({}, url).found, 2, url);
  }
});

Deno.test("explainUnreachable gives the cause below what fetch says", () => {
  const error = new TypeError("fetch failed", { cause: new Error("connection refused") });
  const text = explainUnreachable({ url: "http://h:1" }, error);
  assert.match(text, /^Cannot reach an instance at http:\/\/h:1: connection refused\n/);
});

Deno.test("explainUnreachable says the next step, by what is wrong", () => {
  const step = (url: string, reason: string, certPath?: string) => {
    const instance = certPath === undefined ? { url } : { url, certPath };
    return explainUnreachable(instance, new Error(reason)).split("\n")[1];
  };
  const untrusted = "invalid peer certificate: UnknownIssuer";
  assert.match(step("https://h", untrusted)!, /^Set HTTP_TLS_CERT/);
  assert.match(step("https://h", untrusted, "/c.pem")!, /^Append the certificate of who signed/);
  assert.match(step("https://h", "certificate not valid for name")!, /^Give --url with a name/);
  assert.match(step("https://h", "received corrupt message of type X")!, /speak https/);
  assert.match(step("http://h", "connection closed before message completed")!, /another program/);
  assert.match(step("http://h", "Connection refused")!, /^Is it running there\?/);
});

Deno.test("a certificate that cannot be read is what is said", async () => {
  const instance = { url: "https://127.0.0.1:9", token: "correct-horse", certPath: "/gone.pem" };
  const error = await getStatus(instance).then(() => undefined, (error) => error);
  const text = explainUnreachable(instance, error);
  assert.match(text, /Cannot read HTTP_TLS_CERT "\/gone\.pem": .*\nCheck the path/);
});
