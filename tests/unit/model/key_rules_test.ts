import assert from "node:assert/strict";
import {
  assertObjectKey,
  folderFault,
  KEY_BYTES_MAX,
  mayHoldKeys,
  objectKeyFault,
  pathFault,
} from "../../../src/model/key_rules.ts";
import { PermanentError } from "../../../src/model/errors.ts";

Deno.test("objectKeyFault finds nothing wrong with keys of the lake", () => {
  const keys = ["a", "_tributary/streams/s/0.json", "db=a/coll=%2Eb/x.parquet", "...", "a/..b"];
  for (const key of [...keys, "é".repeat(KEY_BYTES_MAX / 2)]) {
    assert.equal(objectKeyFault(key), undefined, key);
  }
});

Deno.test("objectKeyFault says what is wrong", () => {
  assert.match(objectKeyFault("") ?? "", /empty/);
  assert.match(objectKeyFault("/a") ?? "", /empty segment/);
  assert.match(objectKeyFault("a/../b") ?? "", /segment "\.\."/);
  assert.match(objectKeyFault("a\tb") ?? "", /control character/);
  assert.match(objectKeyFault("\udc00") ?? "", /Unicode/);
  assert.match(objectKeyFault("é".repeat(KEY_BYTES_MAX / 2) + "x") ?? "", /1025 bytes/);
});

Deno.test("assertObjectKey names the key", () => {
  assertObjectKey("a/b");
  assert.throws(() => assertObjectKey("a//b"), (error) => {
    return error instanceof PermanentError && error.message.includes('"a//b"');
  });
});

Deno.test("mayHoldKeys is false for prefixes that no key begins with", () => {
  for (const prefix of ["", "a", "a/", "a/b", "..."]) assert.equal(mayHoldKeys(prefix), true);
  for (const prefix of ["/", "../", "a/../", "a//", "./x"]) {
    assert.equal(mayHoldKeys(prefix), false, prefix);
  }
});

Deno.test("pathFault knows what file systems take", () => {
  assert.equal(pathFault(`/lake/${"n".repeat(255)}/x`), undefined);
  assert.match(pathFault(`/lake/${"é".repeat(128)}/x`) ?? "", /^has a name of 256 bytes.*255$/);
  const path = "/" + "abcdefghijklmno/".repeat(256);
  assert.equal(pathFault(path.slice(0, 4095)), undefined);
  assert.match(pathFault(path.slice(0, 4096)) ?? "", /^has 4096 bytes with the directory.*4095$/);
});

Deno.test("folderFault passes ordinary folders and names what is wrong with others", () => {
  assert.equal(folderFault("a/b=c/d e/ü"), undefined);
  assert.match(folderFault("a\\b")!, /backslash/);
  assert.match(folderFault("a\u0007")!, /control/);
  assert.match(folderFault("./a")!, /`\.`/);
});
