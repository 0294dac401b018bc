import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { pageAnswer } from "../../../../src/observe/page/page.ts";

const response = pageAnswer();
const policy = response.headers.get("content-security-policy")!;
const html = await response.text();

Deno.test("pageAnswer lets run what the page holds, and nothing else", () => {
  const inside = (tag: string) =>
    [...html.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, "g"))].map((match) => match[1]!);
  const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  assert.equal(inside("script").length, 1);
  assert.equal(inside("style").length, 1);
  assert.ok(policy.includes(`script-src ${hashOf(inside("script")[0]!)};`));
  assert.ok(policy.includes(`style-src ${hashOf(inside("style")[0]!)};`));
  assert.match(policy, /^default-src 'none';/);
  assert.doesNotMatch(policy, /unsafe|\*/);
});

Deno.test("pageAnswer asks nothing of other hosts and needs no inline handlers", () => {
  assert.deepEqual(html.match(/(src|href|action)="(?!\/|#|data:,)[^"]*"/g), null);
  assert.deepEqual(html.match(/url\(|@import|\son[a-z]+="|\sstyle="/g), null);
  const addresses = html.match(/https?:\/\/[^\s"]+/g) ?? [];
  assert.deepEqual(addresses, ["http://www.w3.org/2000/svg"]);
});

Deno.test("pageAnswer names its language and fits narrow screens", () => {
  assert.match(html, /<html lang="en">/);
  assert.match(html, /<meta name="viewport" content="width=device-width, initial-scale=1">/);
  assert.match(html, /prefers-color-scheme: dark/);
});

Deno.test("pageAnswer has an element for each id that its script looks for", () => {
  const wanted = [...html.matchAll(/byId\("([a-z-]+)"\)/g)].map((match) => match[1]!);
  assert.ok(wanted.length > 10);
  assert.deepEqual(wanted.filter((id) => !html.includes(` id="${id}"`)), []);
});
