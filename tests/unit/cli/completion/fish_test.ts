import { fishCompletion } from "../../../../src/cli/completion/fish.ts";
import { assertGolden } from "../../../support/golden_text.ts";
import { FORMS } from "./forms.ts";

Deno.test("fishCompletion's script is as in tests/golden/cli/completion", () => {
  assertGolden("cli/completion/fish.txt", fishCompletion(FORMS, { lock: "Leases" }));
});
