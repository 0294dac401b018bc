import assert from "node:assert/strict";
import { faultLine, formatFaults, originText } from "../../../src/config/fault.ts";

Deno.test("formatFaults lists each fault with its value, its origin and what to do", () => {
  const text = formatFaults([
    { setting: "A", given: "x\n", origin: "flag --a", problem: "It is wrong.", next: "Mend it." },
    { setting: "B", problem: "It is required." },
  ]);
  assert.equal(
    text,
    `2 faults in the configuration:

  A = "x\\n"  (flag --a)
    It is wrong.
    Mend it.

  B
    It is required.
`,
  );
  assert.match(formatFaults([{ setting: "B", problem: "P." }]), /^1 fault in/);
});

Deno.test("originText names the layer and how the value is spelled there", () => {
  assert.equal(originText({ layer: "flag", spelled: "--a" }), "flag --a");
  assert.equal(originText({ layer: "default", spelled: "" }), "default");
});

Deno.test("faultLine says all of a fault on one line", () => {
  const fault = { setting: "A", given: "x\n", origin: "flag --a", problem: "It is wrong." };
  assert.equal(faultLine(fault), 'A = "x\\n" (flag --a): It is wrong.');
  const missing = { setting: "B", problem: "It is required.", next: "Set it." };
  assert.equal(faultLine(missing), "B: It is required. Set it.");
});

Deno.test("a fault in a file begins with its place, as editors follow it", () => {
  const fault = { setting: "A", given: "x", origin: "file t.yaml (a)", place: "t.yaml:3:4" };
  assert.equal(faultLine({ ...fault, problem: "Wrong." }), 't.yaml:3:4: A = "x": Wrong.');
  assert.match(formatFaults([{ ...fault, problem: "Wrong." }]), /^ {2}t\.yaml:3:4: A = "x"$/m);
  const whole = { setting: "t.yaml", place: "t.yaml:3:4", problem: "It is not valid YAML." };
  assert.equal(faultLine(whole), "t.yaml:3:4: It is not valid YAML.");
});
