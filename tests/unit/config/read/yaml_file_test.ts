import assert from "node:assert/strict";
import { parseYamlFile } from "../../../../src/config/read/yaml_file.ts";

const env = (name: string) => ({ NAME: "value", EMPTY: "" } as Record<string, string>)[name];

function parse(text: string) {
  return parseYamlFile(text, "t.yaml", env);
}

Deno.test("parseYamlFile keeps whole numbers apart from decimal ones", () => {
  const { entries } = parse("a: 1\nb: 1.0\nc: 9007199254740993\n");
  assert.deepEqual([...entries.values()], [1n, 1, 9007199254740993n]);
});

Deno.test("parseYamlFile fills in variables in strings at any depth, and not in keys", () => {
  const { entries, faults } = parse("${NAME}: [{x: 'a-${NAME}-${NAME}'}]\n");
  assert.deepEqual(faults, []);
  assert.deepEqual([...entries], [["${NAME}", [{ x: "a-value-value" }]]]);
});

Deno.test("parseYamlFile knows defaults and the escape of references", () => {
  const { entries } = parse(
    "a: ${GONE:-x y}\nb: ${EMPTY:-z}\nc: $${NAME}\nd: $NAME $$ROOT\ne: ${GONE:-}\n",
  );
  assert.deepEqual([...entries.values()], ["x y", "z", "${NAME}", "$NAME $$ROOT", ""]);
});

Deno.test("parseYamlFile does not read a variable's text as YAML", () => {
  const { entries } = parseYamlFile("a: ${X}\n", "t.yaml", () => "1\nb: 2");
  assert.deepEqual([...entries], [["a", "1\nb: 2"]]);
});

Deno.test("parseYamlFile names each variable that is not set", () => {
  const { unresolved, faults } = parse("a: ${ONE}${TWO}\nb: ${ONE}\nc: 1\n");
  assert.deepEqual([...unresolved], ["a", "b"]);
  assert.deepEqual(faults.map((f) => [f.setting, /variable (\w+)/.exec(f.problem)?.[1]]), [
    ["a", "ONE"],
    ["a", "TWO"],
    ["b", "ONE"],
  ]);
});

Deno.test("parseYamlFile takes an empty file as no settings", () => {
  assert.deepEqual([...parse("# nothing\n").entries], []);
});

Deno.test("parseYamlFile refuses what is no map of settings, without quoting the file", () => {
  for (
    const text of [
      "- a\n",
      "text hunter22\n",
      "a: 1\na: 2\n",
      "a: [hunter22\n",
      "a: *x\n",
      "--- {}\n--- {}\n",
    ]
  ) {
    const { valid, faults } = parse(text);
    assert.equal(faults.length, 1, text);
    assert.equal(valid, false);
    assert.equal(faults[0]!.setting, "t.yaml");
    assert.doesNotMatch(faults[0]!.problem, /hunter22|\n/);
  }
});

Deno.test("parseYamlFile refuses a bomb of aliases", () => {
  const lines = ["a: &a [x,x,x,x,x,x,x,x,x]"];
  for (let i = 0; i < 8; i++) {
    const [name, before] = [String.fromCharCode(98 + i), String.fromCharCode(97 + i)];
    lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(",")}]`);
  }
  assert.match(parse(lines.join("\n")).faults[0]!.problem, /aliases/);
});

Deno.test("parseYamlFile says where a value, its key, or an item of it stands", () => {
  const { placeOf } = parse("# first\n\na:   1\nb:\n  - x\n  - c: {d: 2}\n? e\n1: f\n");
  const places = [
    [placeOf(["a"]), "t.yaml:3:6"],
    [placeOf(["a"], true), "t.yaml:3:1"],
    [placeOf(["b", 0]), "t.yaml:5:5"],
    [placeOf(["b", 1, "c", "d"]), "t.yaml:6:12"],
    [placeOf(["b", 1, "c", "gone"]), "t.yaml:6:8"],
    [placeOf(["e"]), "t.yaml:7:3"],
    [placeOf(["1"], true), "t.yaml:8:1"],
  ];
  for (const [place, expected] of places) assert.equal(place, expected);
});

Deno.test("parseYamlFile says at which line and column the file is no YAML, or no map", () => {
  const places = [
    ["a: 1\n\tb: 2\n", "t.yaml:2:1"],
    ["a: 1\nb: 2\na: 3\n", "t.yaml:3:1"],
    ["\n- a\n", "t.yaml:2:1"],
    ["a: 1\nb: ${GONE}\n", "t.yaml:2:4"],
  ];
  for (const [text, place] of places) {
    const [fault] = parse(text!).faults;
    assert.equal(fault?.place, place, text);
    assert.doesNotMatch(fault!.problem, /line \d/);
  }
});

Deno.test("parseYamlFile knows a * or a ! that somebody forgot to quote, where it stands, and quotes nothing", () => {
  const cases: [string, string, RegExp][] = [
    ["a: *.orders\n", "t.yaml:1:4", /^A \* at the beginning/],
    ["a: [shop.*, *]\n", "t.yaml:1:13", /^A \* at/],
    ["a:\n  - b\n  - *\n", "t.yaml:3:5", /^A \* at/],
    ["a:\n  - b\n  - !hunter22\n", "t.yaml:3:5", /^A ! at/],
    ["a: !hunter22\n", "t.yaml:1:4", /^A ! at/],
  ];
  for (const [text, place, problem] of cases) {
    const { faults: [fault], valid } = parse(text);
    assert.equal(valid, false);
    assert.equal(fault!.place, place, text);
    assert.match(fault!.problem, problem);
    assert.match(fault!.next!, /into quotes: "[*!]/);
    assert.doesNotMatch(JSON.stringify(fault), /hunter22/);
  }
  assert.deepEqual(parse("a: &x [1]\nb: *x\nc: !!str 5\n").faults, []);
});
