import assert from "node:assert/strict";
import {
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
  type TopologyDescription,
} from "mongodb";
import { MalformedBsonError } from "../../../../src/bson/malformed_bson_error.ts";
import {
  HistoryLostError,
  isRefused,
  PermanentError,
  TransientError,
  UnreadableEventError,
} from "../../../../src/model/errors.ts";
import { classifyError, serverErrorCode } from "../../../../src/source/mongo/classify_error.ts";
import { serverError } from "../fake_client.ts";

const ACTION = "open the change stream collection:shop.orders";

Deno.test("classifyError gives each kind of error its class and a sentence", () => {
  const table: [unknown, new (...args: never[]) => Error, RegExp][] = [
    [serverError(189, "stepped down"), TransientError, /: stepped down \[189\]$/],
    [new MongoNetworkError("closed"), TransientError, /: closed$/],
    [serverError(286, "gone"), HistoryLostError, /gone \[286\]/],
    [serverError(47, "no image"), UnreadableEventError, /no image/],
    [serverError(10334, "too big"), UnreadableEventError, /too big/],
    [serverError(18, "Authentication failed."), PermanentError, /does not accept the user name/],
    [serverError(40573, "x"), PermanentError, /need a replica set.*rs\.initiate/],
    [serverError(40324, "Unrecognized $x"), PermanentError, /pipeline stages \(Unrecognized \$x/],
    [serverError(166, "v"), PermanentError, /a view has no change stream/],
    [serverError(73, "v"), PermanentError, /admin, config and local/],
    [serverError(50872, "t"), PermanentError, /resume token/],
    [serverError(40415, "field"), PermanentError, /this version of MongoDB/],
    [new MongoParseError("bad scheme"), PermanentError, /bad scheme/],
    [new MongoInvalidArgumentError("bad option"), PermanentError, /bad option/],
    [new MalformedBsonError("document is cut off", 3), PermanentError, /not as expected/],
    [new Error("querySrv ENOTFOUND x"), TransientError, /querySrv ENOTFOUND x/],
    ["text", TransientError, /: text$/],
  ];
  for (const [error, type, message] of table) {
    const classified = classifyError(error, ACTION);
    assert.ok(classified instanceof type, `${classified.name}: ${classified.message}`);
    assert.match(classified.message, message);
    assert.match(classified.message, /^Cannot open the change stream collection:shop\.orders: /);
    assert.equal(classified.cause, error);
  }
});

Deno.test("classifyError says which role is missing, without the command that was refused", () => {
  const said = 'not authorized on shop to execute command { aggregate: "orders", lsid: {} }';
  const { message } = classifyError(serverError(13, said), ACTION);
  assert.match(message, /role `read`.*\(not authorized on shop \[13\]\)$/);
});

Deno.test("classifyError leaves errors of ours as they are", () => {
  for (
    const error of [new TransientError("a"), new PermanentError("b"), new HistoryLostError("c")]
  ) {
    assert.equal(classifyError(error, ACTION), error);
  }
});

Deno.test("classifyError names each host that could not be used", () => {
  const servers = new Map([
    ["a:1", { address: "a:1", type: "Unknown", error: new Error("connect ECONNREFUSED") }],
    ["b:2", { address: "b:2", type: "RSSecondary", error: null }],
  ]);
  const reason = { servers, setName: "rs7" } as unknown as TopologyDescription;
  const classified = classifyError(new MongoServerSelectionError("timed out", reason), ACTION);
  assert.ok(classified instanceof TransientError);
  assert.match(classified.message, /"rs7" at a:1 \(connect ECONNREFUSED\), b:2 \(is RSSecondary\)/);
  const down = ["a:1", "b:2", "c:3"].map((address) => {
    return [address, { address, error: new Error(`connect ECONNREFUSED ${address}`) }] as const;
  });
  const dead = { servers: new Map(down), setName: "rs7" } as unknown as TopologyDescription;
  const all = classifyError(new MongoServerSelectionError("timed out", dead), ACTION);
  assert.match(all.message, /"rs7" at a:1, b:2, c:3 \(connect ECONNREFUSED\)$/);
  const nobody = { servers: new Map(), setName: null } as unknown as TopologyDescription;
  const empty = classifyError(new MongoServerSelectionError("timed out", nobody), ACTION);
  assert.match(empty.message, /no MongoDB server was found; timed out/);
});

Deno.test("classifyError tells a refused login as one, in whatever the driver wraps it", () => {
  const refused = serverError(18, "Authentication failed.");
  const servers = new Map([
    ["a:1", { address: "a:1", type: "Unknown", error: new Error("connect ECONNREFUSED") }],
    ["b:2", { address: "b:2", type: "Unknown", error: refused }],
  ]);
  const reason = { servers, setName: "rs7" } as unknown as TopologyDescription;
  const pool = new MongoNetworkError("Connection pool for b:2 was cleared", { cause: refused });
  for (const error of [new MongoServerSelectionError("timed out", reason), pool]) {
    const classified = classifyError(error, ACTION);
    assert.ok(isRefused(classified), classified.message);
    assert.match(classified.message, /does not accept the user name.*Authentication failed/);
  }
});

Deno.test("classifyError shows no password", () => {
  const error = new Error("cannot connect to mongodb://someone:sesame@db/?x=1");
  assert.doesNotMatch(classifyError(error, ACTION).message, /sesame/);
});

Deno.test("serverErrorCode is the server's code, and undefined for other errors", () => {
  assert.equal(serverErrorCode(serverError(43)), 43);
  assert.equal(serverErrorCode(new MongoNetworkError("closed")), undefined);
  assert.equal(serverErrorCode("43"), undefined);
});

Deno.test("classifyError tells what another configuration mends from what is mended at the server", () => {
  const mendOf = (code: number) => {
    const error = classifyError(new MongoServerError({ message: "no", code }), "read");
    assert(error instanceof PermanentError);
    return error.mend;
  };
  for (const code of [40324, 166, 73, 40415]) assert.equal(mendOf(code), "configuration");
  for (const code of [18, 13, 40573, 40648]) assert.equal(mendOf(code), "surroundings");
});
