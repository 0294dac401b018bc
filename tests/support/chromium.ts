/** A headless Chromium for tests of pages, spoken to by its DevTools protocol. */
import { errorMessage } from "../../src/model/errors.ts";
import { sleep, systemClock } from "../../src/support/clock.ts";
import { type DebianProgram, findDebianProgram } from "./debian_program.ts";

/** Nothing that talks to the outside, and nothing that a container lacks. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--hide-scrollbars",
  "--remote-debugging-port=0",
];

export const CHROMIUM: DebianProgram = {
  names: ["chromium", "chromium-browser", "google-chrome"],
  variable: "CHROMIUM_BIN",
  package: "chromium",
};

const KEY_CODES: Readonly<Record<string, number>> = { Enter: 13, ArrowLeft: 37, ArrowRight: 39 };

/** How a page is looked at. */
export interface View {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  /** Sent with each request, as a browser does that was asked for user and password. */
  readonly authorization?: string;
}

/** One open page. */
export interface Page {
  /** The value of a JavaScript expression in the page; promises are awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until the expression is true in the page; the test's own time limit ends a wait in vain. */
  until(expression: string): Promise<void>;
  /** Loads the page again, and waits until it is the new one that answers. */
  reload(): Promise<void>;
  /** A PNG of the whole page, however long it is. */
  screenshot(): Promise<Uint8Array<ArrayBuffer>>;
  press(key: string): Promise<void>;
  /** What the page wrote to its console, broken rules of its policy and uncaught errors among it. */
  readonly complaints: readonly string[];
}

/** Starts a Chromium, opens the address, and ends both after `use`. */
export async function withPage<T>(
  url: string,
  view: View,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const path = await findDebianProgram(CHROMIUM);
  const profile = await Deno.makeTempDir({ prefix: "tributary-chromium-" });
  const child = new Deno.Command(path, {
    args: [...FLAGS, `--user-data-dir=${profile}`, "about:blank"],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const address = await devToolsAddress(reader);
    const draining = drain(reader);
    try {
      return await withConnection(address, (connection) => openPage(connection, url, view, use));
    } finally {
      child.kill("SIGKILL");
      await child.status;
      await draining;
    }
  } finally {
    await removeProfile(profile);
  }
}

async function devToolsAddress(
  reader: ReadableStreamDefaultReader<string>,
): Promise<string> {
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    text += value ?? "";
    const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
    if (address !== undefined) return address;
    if (done) throw new Error(`Chromium ended at once: ${text.slice(-500)}`);
  }
}

/** A pipe that nobody empties would stop it. */
async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

/** Its helpers write for a moment after its end. */
async function removeProfile(path: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (tries === 500) throw new Error(`Cannot remove ${path}: ${errorMessage(error)}`);
      await sleep(systemClock, 20);
    }
  }
}

type Json = Record<string, unknown>;

interface Connection {
  send(method: string, params?: Json, sessionId?: string): Promise<Json>;
  onEvent: (method: string, params: Json) => void;
}

async function withConnection<T>(
  address: string,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const socket = new WebSocket(address);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`Cannot reach Chromium at ${address}`));
  });
  const waiting = new Map<number, (message: Json) => void>();
  const connection: Connection = {
    send(method, params = {}, sessionId) {
      const id = waiting.size + 1;
      return new Promise((resolve, reject) => {
        waiting.set(id, ({ result, error }) => {
          if (error === undefined) resolve(result as Json);
          else reject(new Error(`${method}: ${(error as { message: string }).message}`));
        });
        socket.send(JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) }));
      });
    },
    onEvent: () => {},
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data) as Json;
    if (typeof message.id === "number") waiting.get(message.id)?.(message);
    else connection.onEvent(message.method as string, message.params as Json);
  };
  try {
    return await use(connection);
  } finally {
    await new Promise((resolve) => {
      socket.onclose = resolve;
      socket.close();
    });
  }
}

async function openPage<T>(
  connection: Connection,
  url: string,
  view: View,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const { targetId } = await connection.send("Target.createTarget", { url: "about:blank" });
  const attach = await connection.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method: string, params: Json = {}) =>
    connection.send(method, params, attach.sessionId as string);
  const complaints: string[] = [];
  connection.onEvent = (method, params) => {
    const complaint = complaintOf(method, params);
    if (complaint !== undefined) complaints.push(complaint);
  };
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  const { width, height, dark = false, authorization } = view;
  const mobile = width < 500;
  await send("Emulation.setDeviceMetricsOverride", {
    width,
    height,
    deviceScaleFactor: 1,
    mobile,
  });
  const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
  await send("Emulation.setEmulatedMedia", { features });
  if (authorization !== undefined) {
    await send("Network.setExtraHTTPHeaders", { headers: { authorization } });
  }
  await send("Page.navigate", { url });
  const page = pageOf(send, complaints);
  await page.until("document.readyState === 'complete'");
  return await use(page);
}

function pageOf(
  send: (method: string, params?: Json) => Promise<Json>,
  complaints: readonly string[],
): Page {
  const page: Page = {
    complaints,
    async evaluate<T>(expression: string) {
      const answer = await send("Runtime.evaluate", {
        expression,
        awaitPromise: true,
        returnByValue: true,
      });
      if (answer.exceptionDetails !== undefined) {
        throw new Error(`${expression}: ${JSON.stringify(answer.exceptionDetails)}`);
      }
      return (answer.result as { value: T }).value;
    },
    async until(expression) {
      while (!await page.evaluate(expression)) await sleep(systemClock, 20);
    },
    async reload() {
      // The old page answers for a while after the command, and no page while one goes.
      const old = await page.evaluate<number>("performance.timeOrigin");
      const isNew = `performance.timeOrigin !== ${old} && document.readyState === "complete"`;
      await send("Page.reload");
      while (!await page.evaluate(isNew).catch(() => false)) await sleep(systemClock, 20);
    },
    async screenshot() {
      const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: true });
      return Uint8Array.from(atob(data as string), (char) => char.charCodeAt(0));
    },
    async press(key) {
      const text = key === "Enter" ? { text: "\r" } : {};
      const code = { windowsVirtualKeyCode: KEY_CODES[key] ?? 9 };
      await send("Input.dispatchKeyEvent", { type: "keyDown", key, ...text, ...code });
      await send("Input.dispatchKeyEvent", { type: "keyUp", key, ...code });
    },
  };
  return page;
}

function complaintOf(method: string, params: Json): string | undefined {
  switch (method) {
    case "Runtime.exceptionThrown":
      return JSON.stringify(params.exceptionDetails);
    case "Runtime.consoleAPICalled":
      return JSON.stringify(params.args);
    case "Log.entryAdded":
      return (params.entry as { text: string }).text;
    default:
      return undefined;
  }
}
