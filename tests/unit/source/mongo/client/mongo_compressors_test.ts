import assert from "node:assert/strict";
import { withUsableCompressors } from "../../../../../src/source/mongo/client/mongo_compressors.ts";

Deno.test("withUsableCompressors takes out what needs a package, and nothing else", () => {
  const cases = [
    ["?compressors=snappy,zlib", "?compressors=zlib", ["snappy"]],
    ["?compressors=snappy", "?compressors=none", ["snappy"]],
    ["?tls=true&compressors=zlib%2Csnappy&appName=a", "?tls=true&compressors=zlib&appName=a", [
      "snappy",
    ]],
    ["?Compressors=snappy&compressors=snappy,zlib", "?compressors=none&compressors=zlib", [
      "snappy",
    ]],
    ["?compressors=zlib", "?compressors=zlib", []],
    ["?compressors=nonsense", "?compressors=nonsense", []],
    ["?appName=compressors=snappy", "?appName=compressors=snappy", []],
    ["", "", []],
  ] as const;
  for (const [given, uri, withoutCompressors] of cases) {
    assert.deepEqual(withUsableCompressors(`mongodb://h/${given}`), {
      uri: `mongodb://h/${uri}`,
      withoutCompressors,
    });
  }
});
