import type { Clock } from "../../support/clock.ts";
import { answer, answerJson, refuse } from "./http_answer.ts";
import { carriesToken, isOwnRequest } from "./http_token.ts";
import type { StatusAnswer } from "../status/live_status.ts";
import { logAnswer } from "./log_answer.ts";
import type { LogTail } from "../log/log_tail.ts";
import type { Monitor } from "../monitor.ts";
import { pageAnswer } from "../page/page.ts";

/** Where it listens and who may ask. */
export interface HttpAddress {
  /** Empty: all interfaces. */
  readonly host: string;
  readonly port: number;
  /** Without one, everybody may look, and nobody may change anything. */
  readonly token?: string;
  /** Paths of PEM files. */
  readonly tls?: { readonly certPath: string; readonly keyPath: string };
}

export const STREAM_ACTIONS = ["pause", "resume", "flush"] as const;
export type StreamAction = typeof STREAM_ACTIONS[number];

/** What came of an order: `unknown` there is no such stream; `unread` nobody reads it now. */
export type ActionOutcome = "done" | "unknown" | "unread";

export interface HttpOptions {
  readonly address: HttpAddress;
  readonly monitor: Pick<
    Monitor,
    "health" | "readiness" | "status" | "metrics" | "stageTimes" | "ratesOverTime"
  >;
  /** The end of the log. Default: none is shown. */
  readonly logTail?: LogTail;
  /** Does to the stream with this name (or key) what was asked. */
  readonly act: (action: StreamAction, stream: string) => Promise<ActionOutcome>;
  readonly clock: Clock;
}

/** Keeps pages up to date. */
export interface Live {
  /** `wantsChanges`: after the first time, what is another is enough. */
  open(wantsChanges: boolean): Response;
}

/** Streams whose history is told at once; of more, the first. */
const HISTORIES_ASKED_MAX = 100;

/** Orders have no body; a request that brings more than this is refused. */
const BODY_BYTES_MAX = 1024;

/** Answers a request, or says in one sentence why not. */
export async function answerTo(
  request: Request,
  options: HttpOptions,
  live: Live,
): Promise<Response> {
  const { monitor, address: { token } } = options;
  const { pathname } = new URL(request.url);
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (isRead && pathname === "/health") {
    const health = monitor.health();
    return answerJson(health, health.status === "stuck" ? 503 : 200);
  }
  if (isRead && pathname === "/ready") {
    const readiness = monitor.readiness();
    return answerJson(readiness, readiness.ready ? 200 : 503);
  }
  if (token !== undefined && !carriesToken(request.headers, token)) {
    return refuse(401, "This needs the token that HTTP_TOKEN is set to, as a bearer token.", {
      "www-authenticate": 'Basic realm="tributary: the token as password", charset="UTF-8"',
    });
  }
  const order = /^\/streams\/([^/]{1,2000})\/(pause|resume|flush)$/.exec(pathname);
  if (order !== null) return await answerOrder(request, options, order[1]!, order[2]!);
  const read = READS[pathname];
  if (read === undefined) {
    return refuse(404, `There is nothing here. There are ${Object.keys(READS).join(", ")}.`);
  }
  if (!isRead) return refuse(405, "This can only be read.", { allow: "GET, HEAD" });
  return await read(request, options, live);
}

type Read = (
  request: Request,
  options: HttpOptions,
  live: Live,
) => Response | Promise<Response>;

const READS: Readonly<Record<string, Read>> = {
  "/": () => pageAnswer(),
  "/health": () => answer(null),
  "/ready": () => answer(null),
  "/metrics": async (request, { monitor }) => {
    const { text, contentType } = await monitor.metrics(request.headers.get("accept"));
    return answer(text, { contentType });
  },
  "/status": (_, options) => answerJson(statusAnswer(options)),
  "/history": (request, { monitor }) => {
    const keys = new URL(request.url).searchParams.getAll("stream");
    return answerJson(monitor.ratesOverTime(keys.slice(0, HISTORIES_ASKED_MAX)));
  },
  "/log": (request, { address, logTail }) =>
    answerJson(logAnswer(logTail, {
      listensOn: address.host,
      asked: new URL(request.url).hostname,
      hasToken: address.token !== undefined,
    })),
  "/events": (request, _, live) => {
    const wantsChanges = new URL(request.url).searchParams.has("changes");
    return request.method === "HEAD" ? answer(null) : live.open(wantsChanges);
  },
};

/** The status, and what goes with it here. */
export function statusAnswer({ monitor, address, logTail }: HttpOptions): StatusAnswer {
  return {
    ...monitor.status(),
    canControl: address.token !== undefined,
    stages: monitor.stageTimes(),
    errorCount: logTail?.errorCount ?? 0,
  };
}

async function answerOrder(
  request: Request,
  { act, address }: HttpOptions,
  encodedName: string,
  action: string,
): Promise<Response> {
  if (request.method !== "POST") return refuse(405, "Orders are posted.", { allow: "POST" });
  if (address.token === undefined) {
    return refuse(403, "Streams can be paused, resumed and flushed where HTTP_TOKEN is set.");
  }
  if (!isOwnRequest(request)) return refuse(403, "Another site's page may not give orders.");
  if (Number(request.headers.get("content-length") ?? 0) > BODY_BYTES_MAX) {
    return refuse(413, "Orders have no body.");
  }
  const name = decoded(encodedName);
  const outcome = name === undefined ? "unknown" : await act(action as StreamAction, name);
  switch (outcome) {
    case "done":
      return answerJson({ stream: name, action, outcome });
    case "unread":
      return refuse(409, `Nobody reads the stream "${name}" now: there is nothing to store.`);
    case "unknown":
      return refuse(404, `There is no stream "${name ?? encodedName}". See /status for all.`);
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
