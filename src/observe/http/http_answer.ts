/** What every answer carries; a page may run nothing and load nothing but what its own policy names. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

export interface AnswerOptions {
  readonly status?: number;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer with the headers that keep browsers careful. */
export function answer(body: BodyInit | null, options: AnswerOptions = {}): Response {
  const { status = 200, contentType = "text/plain; charset=utf-8", headers } = options;
  return new Response(body, {
    status,
    headers: { ...HEADERS, "content-type": contentType, ...headers },
  });
}

export function answerJson(value: unknown, status = 200): Response {
  return answer(JSON.stringify(value) + "\n", { status, contentType: "application/json" });
}

/** One sentence for a person. */
export function refuse(
  status: number,
  sentence: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(`${sentence}\n`, { status, headers });
}
