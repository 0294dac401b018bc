import { createHash } from "node:crypto";
import { answer } from "../http/http_answer.ts";
import { PAGE_BODY } from "./page_body.ts";
import { PAGE_SCRIPT } from "./page_script.ts";
import { PAGE_STYLE } from "./page_style.ts";

/** The status page: one file that loads nothing, and of which nothing but its own script and style may run. */
export function pageAnswer(): Response {
  return answer(PAGE, {
    contentType: "text/html; charset=utf-8",
    headers: { "content-security-policy": POLICY },
  });
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>tributary</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body class="readonly">${PAGE_BODY}<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;

const POLICY = [
  "default-src 'none'",
  `script-src ${hashOf(PAGE_SCRIPT)}`,
  `style-src ${hashOf(PAGE_STYLE)}`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** As a policy names an inline text. */
function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
