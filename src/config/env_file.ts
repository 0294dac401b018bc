import type { Fault } from "./fault.ts";

/** Variables as they stand in a file; of one that stands there twice, the last. */
export interface EnvFile {
  readonly variables: ReadonlyMap<string, EnvFileVariable>;
  readonly faults: readonly Fault[];
}

export interface EnvFileVariable {
  readonly value: string;
  /** `tributary.env:12`. */
  readonly place: string;
}

const BLANK = /[ \t\r]/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a backslash between double quotes takes its meaning from. */
const ESCAPED_IN_QUOTES = '"\\`$';

/**
 * Reads a file of `NAME=value` lines as systemd reads its `EnvironmentFile=` (systemd.exec(5)): nothing is filled in, `&` and
 * `#` in a value mean themselves, a backslash joins lines, quotes may stand around a value. A word `export` in front is
 * passed over. What systemd leaves out without a word is a fault here, and never quoted: it may be a password.
 */
export function parseEnvFile(text: string, file: string): EnvFile {
  const variables = new Map<string, EnvFileVariable>();
  const faults: Fault[] = [];
  const lineAt = lineCounter(text);
  for (let at = 0; at < text.length;) {
    const end = endOfLine(text, at);
    const line = text.slice(at, end).replace(/^\uFEFF/, "").trim();
    if (line === "" || /^[#;]/.test(line)) {
      at = end + 1;
      continue;
    }
    const place = `${file}:${lineAt(at)}`;
    const equals = text.indexOf("=", at);
    const name = equals < 0 || equals >= end
      ? ""
      : text.slice(at, equals).trim().replace(/^export[ \t]+/, "");
    if (!NAME.test(name)) {
      faults.push({
        ...{ setting: file, place, problem: "The line is no NAME=value, and no comment." },
        next: "Write one variable a line, and `#` before comments.",
      });
      at = end + 1;
      continue;
    }
    const read = readValue(text, equals + 1);
    if (read.isOpen) {
      faults.push({
        ...{ setting: name, place, problem: "A quote is opened here and not closed." },
        next: "Close it, or put a backslash before it.",
      });
    }
    variables.set(name, { value: read.value, place });
    at = read.end + 1;
  }
  return { variables, faults };
}

interface ReadValue {
  readonly value: string;
  /** Where its last line ends. */
  readonly end: number;
  /** Whether a quote was not closed. */
  readonly isOpen: boolean;
}

function readValue(text: string, start: number): ReadValue {
  let value = "";
  /** Blanks behind this are not meant. */
  let meant = 0;
  let isBegun = false;
  let at = start;
  for (; at < text.length && text[at] !== "\n"; at++) {
    const char = text[at]!;
    if (!isBegun && BLANK.test(char)) continue;
    if (!isBegun && (char === '"' || char === "'")) {
      const quoted = readQuoted(text, at);
      value += quoted.value;
      meant = value.length;
      at = quoted.end;
      if (quoted.isOpen) return { value, end: at, isOpen: true };
      continue;
    }
    isBegun = true;
    if (char === "\\") {
      at = nextLetter(text, at);
      if (text[at] === undefined || text[at] === "\n") continue;
      value += text[at];
      meant = value.length;
      continue;
    }
    value += char;
    if (!BLANK.test(char)) meant = value.length;
  }
  return { value: value.slice(0, meant), end: at, isOpen: false };
}

/** What stands between the quote at `start` and the next one of its kind; several lines too. */
function readQuoted(text: string, start: number): ReadValue {
  const quote = text[start];
  let value = "";
  let at = start + 1;
  for (; at < text.length && text[at] !== quote; at++) {
    if (quote === "'" || text[at] !== "\\") {
      value += text[at];
      continue;
    }
    at = nextLetter(text, at);
    const escaped = text[at] ?? "";
    if (escaped !== "\n") value += ESCAPED_IN_QUOTES.includes(escaped) ? escaped : `\\${escaped}`;
  }
  return { value, end: at, isOpen: at >= text.length };
}

/** The place behind a backslash; a line may end in CR and LF. */
function nextLetter(text: string, at: number): number {
  return text[at + 1] === "\r" && text[at + 2] === "\n" ? at + 2 : at + 1;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

/** Asked with growing places. */
function lineCounter(text: string): (at: number) => number {
  let line = 1;
  let counted = 0;
  return (at) => {
    for (; counted < at; counted++) if (text[counted] === "\n") line++;
    return line;
  };
}
