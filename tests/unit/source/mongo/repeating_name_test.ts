import assert from "node:assert/strict";
import type { Stream } from "../../../../src/model/stream.ts";
import { refuseRepeatingName } from "../../../../src/source/mongo/repeating_name.ts";

const said = (stream: Stream) => refuseRepeatingName(stream)?.message;

Deno.test("a name with a repetition of a regular expression is refused, with what to do instead", () => {
  const collection = (name: string, database = "shop") =>
    said({ level: "collection", database, collection: name });
  assert.match(
    collection("a{2}")!,
    /^Cannot watch shop\.a\{2\}: .* \{2\} .*; rename it, or set WATCH_LEVEL=database$/,
  );
  for (const name of ["a{2,}", "a{2,13}", "{2}", "é{2}"]) assert(collection(name), name);
  assert.match(collection("a", "b{2}")!, /WATCH_LEVEL=deployment$/);
  assert.match(said({ level: "database", database: "b{2}" })!, /Cannot watch b\{2\}: /);
  // Seen with all of these on 6.0.5.
  for (const name of ["a{b}", "x{,3}", "a{ 2}", "y}", "y{", "a+b", "t\\d"]) {
    assert.equal(collection(name), undefined, name);
  }
  assert.equal(said({ level: "deployment" }), undefined);
});
