import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** A parsed file; `path` is relative to the root of the project, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** `from` imports `to`; both are paths if `to` is ours, else `to` is the specifier. */
export interface Import {
  readonly from: string;
  readonly to: string;
  readonly line: number;
  /** Whether nothing of it is left when the types are gone. */
  readonly typeOnly: boolean;
  /** Whether it is loaded when it is needed, not when the file is. */
  readonly lazy: boolean;
}

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** All TypeScript files below the folders (or the files) named, in order of their paths. */
export function readSources(...paths: readonly string[]): SourceFile[] {
  return listFiles(...paths).filter((path) => path.endsWith(".ts")).map((path) => {
    const text = Deno.readTextFileSync(ROOT + path);
    return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
  });
}

/** The paths of all files below the folders (or the files) named; nothing for what is not there. */
export function listFiles(...paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const info = statOrUndefined(ROOT + path);
    if (info === undefined) return [];
    if (info.isFile) return [path];
    return listFiles(...[...Deno.readDirSync(ROOT + path)].map((entry) => `${path}/${entry.name}`));
  }).sort();
}

/** Imports, re-exports, dynamic imports and `new URL("./x.ts", import.meta.url)`. */
export function importsOf(file: SourceFile): Import[] {
  const imports: Import[] = [];
  walk(file.tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    imports.push({
      from: file.path,
      to: resolve(file, specifier),
      line: lineOf(node),
      typeOnly: isTypeOnly(node),
      lazy: !ts.isImportDeclaration(node) && !ts.isExportDeclaration(node),
    });
  });
  return imports;
}

/** Everything that is loaded before the first line of `entry` runs: files of ours, packages and built-in modules. */
export function loadedWith(entry: string, imports: readonly Import[]): Set<string> {
  const loaded = new Set([entry]);
  // A set's loop meets what is added on the way.
  for (const path of loaded) {
    for (const edge of imports) {
      if (edge.from === path && !edge.typeOnly && !edge.lazy) loaded.add(edge.to);
    }
  }
  return loaded;
}

/** Calls `visit` for each node of the tree. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** The line, from 1, on which the node starts, its comments left out. */
export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

function statOrUndefined(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return textOf(node.moduleSpecifier);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return textOf(node.argument.literal);
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return textOf(node.arguments[0]);
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "URL") {
    const text = textOf(node.arguments?.[0]);
    return text?.startsWith(".") && text.endsWith(".ts") ? text : undefined;
  }
  return undefined;
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
}

function isTypeOnly(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly || allTypes(node.exportClause);
  if (!ts.isImportDeclaration(node) || node.importClause === undefined) return false;
  const clause = node.importClause;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  return clause.name === undefined && allTypes(clause.namedBindings);
}

function allTypes(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean {
  if (bindings === undefined) return false;
  if (!ts.isNamedImports(bindings) && !ts.isNamedExports(bindings)) return false;
  const elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[] = [...bindings.elements];
  return elements.length > 0 && elements.every((element) => element.isTypeOnly);
}

function resolve(file: SourceFile, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const url = new URL(specifier, new URL(file.path, "file:///project/"));
  return relative("/project", fileURLToPath(url));
}
