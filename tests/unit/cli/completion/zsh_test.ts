import { zshCompletion } from "../../../../src/cli/completion/zsh.ts";
import { assertGolden } from "../../../support/golden_text.ts";
import { FORMS } from "./forms.ts";

Deno.test("zshCompletion's script is as in tests/golden/cli/completion", () => {
  assertGolden("cli/completion/zsh.txt", zshCompletion(FORMS, { lock: "Leases" }));
});
