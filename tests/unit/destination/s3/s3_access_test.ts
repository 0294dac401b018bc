import assert from "node:assert/strict";
import { S3Access } from "../../../../src/destination/s3/s3_access.ts";
import { type Log, silentLog } from "../../../../src/support/log.ts";
import { VirtualClock } from "../../../support/virtual_clock.ts";

const OPTIONS = { endpoint: "http://127.0.0.1:1" };
const EXPIRED = Object.assign(new Error("over"), { name: "ExpiredToken" });
const DENIED = Object.assign(new Error("no"), { name: "AccessDenied" });

function open(options: ConstructorParameters<typeof S3Access>[0] = OPTIONS, log: Log = silentLog) {
  const clock = new VirtualClock();
  const access = new S3Access(options, 4, clock, log);
  return { access, clock, [Symbol.dispose]: () => access.close() };
}

Deno.test("renew makes one client for all requests that were refused together", () => {
  using opened = open();
  const { access } = opened;
  const first = access.client;
  assert.equal(access.renew(first, EXPIRED), true);
  const second = access.client;
  assert.notEqual(second, first);
  assert.equal(access.renew(first, EXPIRED), true);
  assert.equal(access.client, second);
  assert.equal(access.renew(second, EXPIRED), true);
  assert.notEqual(access.client, second);
});

Deno.test("renew tries other credentials for a missing right once a minute", async () => {
  using opened = open();
  const { access, clock } = opened;
  const first = access.client;
  assert.equal(access.renew(first, DENIED), false);
  await clock.advance(60_000);
  assert.equal(access.renew(first, DENIED), true);
  assert.equal(access.renew(access.client, DENIED), false);
});

Deno.test("renew has no others where the credentials were given", () => {
  using opened = open({ ...OPTIONS, credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  assert.equal(opened.access.renew(opened.access.client, EXPIRED), false);
});

Deno.test("S3Access says once that credentials are refused that were accepted, and once that it is over", () => {
  const lines: string[] = [];
  const log = {
    ...silentLog,
    info: (line: string) => void lines.push(line),
    warn: (line: string) => void lines.push(line),
  };
  using opened = open(OPTIONS, log);
  const { access } = opened;
  access.noteRefused(EXPIRED);
  assert.deepEqual([lines, access.accepted], [[], false]);
  access.noteAccepted();
  for (let i = 0; i < 3; i++) access.noteRefused(EXPIRED);
  for (let i = 0; i < 3; i++) access.noteAccepted();
  assert.equal(access.accepted, true);
  assert.deepEqual(lines, [
    "The destination refuses the credentials; they are read again at each try",
    "The destination accepts the credentials again",
  ]);
});
