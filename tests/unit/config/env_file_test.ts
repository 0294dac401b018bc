import assert from "node:assert/strict";
import { parseEnvFile } from "../../../src/config/env_file.ts";

function values(text: string): Record<string, string> {
  const { variables, faults } = parseEnvFile(text, "t.env");
  assert.deepEqual(faults, []);
  return Object.fromEntries([...variables].map(([name, { value }]) => [name, value]));
}

Deno.test("parseEnvFile takes a value as it stands, without the blanks around it", () => {
  const uri = "mongodb://u:p#w@h/?replicaSet=rs0&tls=true";
  assert.deepEqual(
    values(`A=${uri}\n  B =  two words \t\nC=\nD=$HOME ~ \`x\` a"b'c\nexport E=1\r\nF=last`),
    { A: uri, B: "two words", C: "", D: "$HOME ~ `x` a\"b'c", E: "1", F: "last" },
  );
});

Deno.test("parseEnvFile passes over blank lines and comments, and takes the last of two", () => {
  assert.deepEqual(values("\uFEFF# a\n; b\n\n  # c\nA=1\n#A=2\nA=3\n"), { A: "3" });
});

Deno.test("parseEnvFile takes quotes around a value away, whatever stands between them", () => {
  assert.deepEqual(
    values(
      `A="a&b; # c "\nB='$x \\ "y"'\nC="q\\" d\\$ b\\\\ n\\n"\nD='two\nlines'\nE="a"'b'\nF=""\n`,
    ),
    { A: "a&b; # c ", B: '$x \\ "y"', C: 'q" d$ b\\ n\\n', D: "two\nlines", E: "ab", F: "" },
  );
});

Deno.test("parseEnvFile joins lines that end with a backslash", () => {
  assert.deepEqual(
    values('A=one,\\\ntwo\nB="one,\\\ntwo"\nC=one,\\\r\ntwo\nD=a\\ \\b\\\\c \nE=end\\'),
    { A: "one,two", B: "one,two", C: "one,two", D: "a b\\c", E: "end" },
  );
});

Deno.test("parseEnvFile says where each variable stands", () => {
  const { variables } = parseEnvFile("A=1\\\n2\n\nB='\n'\nC=3\n", "t.env");
  const places = [...variables].map(([name, { place }]) => [name, place]);
  assert.deepEqual(places, [["A", "t.env:1"], ["B", "t.env:4"], ["C", "t.env:6"]]);
});

Deno.test("parseEnvFile names lines that are no variables, without quoting them", () => {
  const text = 'mongodb://u:hunter22@h/?a=b\nA=1\nhunter22\n=x\nB="hunter22\n';
  const { variables, faults } = parseEnvFile(text, "t.env");
  assert.deepEqual(faults.map(({ place }) => place), ["t.env:1", "t.env:3", "t.env:4", "t.env:5"]);
  assert.doesNotMatch(JSON.stringify(faults), /hunter22/);
  assert.match(faults[3]!.problem, /quote/);
  assert.equal(variables.get("A")?.value, "1");
});
