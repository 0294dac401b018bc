import { bashCompletion } from "../../../../src/cli/completion/bash.ts";
import { assertGolden } from "../../../support/golden_text.ts";
import { FORMS } from "./forms.ts";

Deno.test("bashCompletion's script is as in tests/golden/cli/completion", () => {
  assertGolden("cli/completion/bash.txt", bashCompletion(FORMS));
});
