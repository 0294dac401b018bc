import assert from "node:assert/strict";
import { sinceOrExplain } from "../../../src/cli/since_option.ts";
import { verbContext } from "../../support/verb_context.ts";

Deno.test("sinceOrExplain reads a time, takes none for no bound, and says what is no time", () => {
  const read = (options: Record<string, string>) => {
    const { context, stderr } = verbContext({}, options);
    return { since: sinceOrExplain(context), stderr: stderr.join("") };
  };
  assert.deepEqual(read({}), { since: {}, stderr: "" });
  assert.deepEqual(read({ since: "1970-01-02" }).since, { sinceSeconds: 86_400 });
  const { since, stderr } = read({ since: "soon" });
  assert.equal(since, undefined);
  assert.equal(
    stderr,
    'tributary: --since "soon" is no time; write 2026-11-20 or 2026-11-20T17:00:00Z\n',
  );
});
