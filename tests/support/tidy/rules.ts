import ts from "typescript";
import { lineOf, type SourceFile, walk } from "./source_file.ts";

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 70;

/** `path:line: what`, one for each function that is too long; the signature counts, the comment above does not. */
export function longFunctions(file: SourceFile): string[] {
  const found: string[] = [];
  walk(file.tree, (node) => {
    if (!hasBody(node)) return;
    const end = file.tree.getLineAndCharacterOfPosition(node.end).line + 1;
    const lines = end - lineOf(node) + 1;
    if (lines > FUNCTION_LINES_MAX) found.push(`${file.path}:${lineOf(node)}: ${lines} lines`);
  });
  return found;
}

/** Uses of the platform's clocks, timers and randomness. A `new Date(x)` of a given time is neither. */
export function clockUses(file: SourceFile): string[] {
  const found: string[] = [];
  walk(file.tree, (node) => {
    const what = clockUse(node);
    if (what !== undefined) found.push(`${file.path}:${lineOf(node)}: ${what}`);
  });
  return found;
}

/** Whether there is anything to test: more than types, constants and re-exports. */
export function hasLogic(file: SourceFile): boolean {
  let logic = false;
  walk(file.tree, (node) => {
    if (hasBody(node)) logic = true;
  });
  return logic || file.tree.statements.some((statement) => ts.isExpressionStatement(statement));
}

/** Tests that do not run, or keep others from running. */
export function tamedTests(file: SourceFile): string[] {
  const found: string[] = [];
  walk(file.tree, (node) => {
    const what = tamed(node);
    if (what !== undefined) found.push(`${file.path}:${lineOf(node)}: ${what}`);
  });
  return found;
}

const CLOCK_MEMBERS: Readonly<Record<string, RegExp>> = {
  "Date": /^now$/,
  "performance": /^now$/,
  "Math": /^random$/,
  "crypto": /^(randomUUID|getRandomValues)$/,
  "AbortSignal": /^timeout$/,
  "process": /^hrtime$/,
};
const CLOCK_NAMES = /^(setTimeout|setInterval|setImmediate|randomUUID|randomBytes|randomInt)$/;

function clockUse(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const object = node.expression.getText().replace(/^globalThis\./, "");
    if (CLOCK_MEMBERS[object]?.test(node.name.text)) return `${object}.${node.name.text}`;
    return object === "globalThis" && CLOCK_NAMES.test(node.name.text) ? node.name.text : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "Date") {
    return (node.arguments?.length ?? 0) === 0 ? "new Date()" : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.getText() === "Date") return "Date()";
  if (ts.isStringLiteral(node) && /^node:(timers|perf_hooks)/.test(node.text)) return node.text;
  if (ts.isIdentifier(node) && CLOCK_NAMES.test(node.text) && !isMemberName(node)) return node.text;
  return undefined;
}

/** Whether the name belongs to something else: `random.randomUUID`, `{ randomUUID: ... }` of an interface of ours. */
function isMemberName(node: ts.Identifier): boolean {
  const parent = node.parent;
  return (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ts.isPropertySignature(parent) || ts.isPropertyAssignment(parent) ||
    ts.isMethodSignature(parent) || ts.isMethodDeclaration(parent);
}

function tamed(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const text = node.getText();
    if (/^(Deno\.test|describe|it|test|t)\.(ignore|only|skip)$/.test(text)) return text;
  }
  if (ts.isPropertyAssignment(node) && /^(ignore|only)$/.test(node.name.getText())) {
    const call = node.parent.parent;
    const name = ts.isCallExpression(call) ? call.expression.getText() : "";
    if (/^(Deno\.test|t\.step)$/.test(name)) return node.getText();
  }
  return undefined;
}

function hasBody(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}
