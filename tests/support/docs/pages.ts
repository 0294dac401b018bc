/** The pages of the guide as tests see them. */
import { listFiles, ROOT } from "../tidy/source_file.ts";

/** A block of code in a page. */
export interface Fence {
  /** `docs/production.md:42`. */
  readonly place: string;
  readonly language: string;
  /** What follows the language: `run`, `run=stopped`, `needs=docker`, `exit=1`. */
  readonly marks: readonly string[];
  readonly text: string;
}

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly fences: readonly Fence[];
}

/** All pages that speak to users, in order of their paths. */
export function readPages(): Page[] {
  return listFiles("README.md", "docs", "deploy").filter((path) => path.endsWith(".md"))
    .map((path) => {
      const text = Deno.readTextFileSync(ROOT + path);
      return { path, text, fences: fencesOf(path, text) };
    });
}

function fencesOf(path: string, text: string): Fence[] {
  const fences: Fence[] = [];
  let open: { line: number; info: string; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (!line.startsWith("```")) {
      open?.lines.push(line);
    } else if (open === undefined) {
      open = { line: index + 1, info: line.slice(3), lines: [] };
    } else {
      const [language = "", ...marks] = open.info.trim().split(/\s+/);
      fences.push({ place: `${path}:${open.line}`, language, marks, text: open.lines.join("\n") });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: the block does not end`);
  return fences;
}

/** What a marked block needs that a test does not have: `docker`. */
export function needOf({ marks }: Fence): string | undefined {
  return marks.find((mark) => mark.startsWith("needs="))?.slice("needs=".length);
}

/** Where the block is run: `live` beside a running copy, or another situation; undefined if it is not run. */
export function situationOf({ marks }: Fence): string | undefined {
  const mark = marks.find((each) => /^run(=|$)/.test(each));
  return mark === undefined ? undefined : mark.slice("run=".length) || "live";
}

export function isRun(fence: Fence): boolean {
  return situationOf(fence) !== undefined;
}

/** The anchors of a page's headings, as they are linked to. */
export function anchorsOf({ text }: Page): string[] {
  return text.split("\n").filter((line) => /^#+ /.test(line)).map((line) =>
    line.replace(/^#+ /, "").toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
}
