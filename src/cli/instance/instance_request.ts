import { Agent, request as requestTls } from "node:https";
import type { HttpOptions } from "../../config/config.ts";
import { hostInUrl, isEveryInterface } from "../../model/address/http_address.ts";
import { errorMessage } from "../../model/errors.ts";
import { callWithin } from "../../support/flow/call_within.ts";
import { fetchFault } from "../../support/fetch_fault.ts";
import { systemClock } from "../../support/clock.ts";
import { formatFaults } from "../../config/read/fault.ts";
import {
  EXIT,
  type ExitCode,
  HTTP_VERB_SETTINGS,
  type Verb,
  type VerbContext,
  type VerbOption,
} from "../verb.ts";

/** So long an instance may take to answer. */
const ANSWER_MS_MAX = 5000;

/** Where to ask, and as whom. */
export interface Instance {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token?: string;
  /** The PEM file of the certificate that the instance shows. */
  readonly certPath?: string;
}

export interface InstanceAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * The instance that `--url` or the settings name; otherwise says why there is none, and gives what to end with. What else
 * is wrong with the settings it says, and goes on; `isSaid`: somebody has said it.
 */
export function instanceOrExplain(context: VerbContext, isSaid = false): Instance | ExitCode {
  const loaded = context.loadHttpOptions();
  if (loaded.faults.length > 0 && !isSaid) context.host.stderr.write(formatFaults(loaded.faults));
  if (!loaded.ok) return EXIT.usage;
  const { http } = loaded;
  const given = context.options.get("url");
  if (typeof given === "string") {
    if (/^https?:\/\/[^/\s]+\/?$/.test(given)) {
      return { ...rightsOf(http), url: given.replace(/\/$/, "") };
    }
    context.host.stderr.write(`--url is "${given}": it must be http://host:port or https://.\n`);
    return EXIT.usage;
  }
  if (http === undefined) {
    context.host.stderr.write("HTTP_ADDRESS is none: there is no server to ask. Give --url.\n");
    return EXIT.usage;
  }
  return { ...rightsOf(http), url: urlOf(http) };
}

/** Of verbs that ask where the instances meet, unless they are told otherwise. */
export const URL_OPTION: VerbOption = {
  flags: "--url <URL>",
  description: "the instance to ask; else by Redis or HTTP_ADDRESS",
};

/** What all verbs that ask an instance share. */
export const INSTANCE_OPTIONS: Pick<Verb, "settings" | "options"> = {
  settings: HTTP_VERB_SETTINGS,
  options: [{ flags: "--url <URL>", description: "the instance; default: by HTTP_ADDRESS" }],
};

function rightsOf(http: HttpOptions | undefined): Omit<Instance, "url"> {
  return {
    ...(http?.token === undefined ? {} : { token: http.token }),
    ...(http?.tls === undefined ? {} : { certPath: http.tls.certPath }),
  };
}

/** A server on all interfaces is asked on this machine's own. */
function urlOf({ host, port, tls }: HttpOptions): string {
  const loopback = host === "::" ? "::1" : "127.0.0.1";
  const shown = hostInUrl(isEveryInterface(host) ? loopback : host);
  return `${tls === undefined ? "http" : "https"}://${shown}:${port}`;
}

/** Asks the instance for its health. */
export async function askHealth(instance: Instance): Promise<InstanceAnswer> {
  return await getPublic(instance, "/health");
}

/**
 * Asks for what anybody may know. No certificate is checked where the runtime lets us (Deno 2.9): nothing secret is sent, and
 * the answer is no secret.
 */
async function getPublic(instance: Instance, path: string): Promise<InstanceAnswer> {
  const url = instance.url + path;
  return await withinTime(async (signal) => {
    if (url.startsWith("https:")) {
      const unchecked = await getUnchecked(url, signal).catch(() => undefined);
      if (unchecked !== undefined) return unchecked;
    }
    return await fetchTrusting(instance, url, { signal });
  });
}

/** Posts an order with the token. Rejects where no instance answers, or shows a certificate that is not to be trusted. */
export async function postOrder(instance: Instance, path: string): Promise<InstanceAnswer> {
  const { url, token } = instance;
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  return await withinTime((signal) =>
    fetchTrusting(instance, url + path, { method: "POST", signal, ...(headers && { headers }) })
  );
}

/** Asks with the token, which the status may need. Rejects as `postOrder` does. */
export async function getStatus(instance: Instance): Promise<InstanceAnswer> {
  const { token } = instance;
  if (token === undefined) return await getPublic(instance, "/status");
  const headers = { authorization: `Bearer ${token}` };
  return await withinTime((signal) =>
    fetchTrusting(instance, `${instance.url}/status`, { signal, headers })
  );
}

/** Why an instance could not be asked, and what to do. */
export function explainUnreachable(instance: Instance, error: unknown): string {
  const reason = errorMessage(fetchFault(error));
  return `Cannot reach an instance at ${instance.url}: ${reason}\n${nextStep(instance, reason)}\n`;
}

function nextStep({ url, certPath }: Instance, reason: string): string {
  if (/HTTP_TLS_CERT/.test(reason)) return "Check the path and its permissions.";
  if (/NotValidForName|not valid for name/i.test(reason)) {
    return "Give --url with a name that its certificate is for.";
  }
  if (/certificate|UnknownIssuer/i.test(reason)) {
    return certPath === undefined
      ? "Set HTTP_TLS_CERT to the certificate that it shows."
      : "Append the certificate of who signed it to HTTP_TLS_CERT, or trust that one with " +
        "DENO_TLS_CA_STORE=system and SSL_CERT_FILE.";
  }
  if (/InvalidContentType|corrupt message/.test(reason)) {
    return "What listens there does not speak https: give --url http://...";
  }
  if (url.startsWith("http:") && /connection closed|connection reset|invalid HTTP/i.test(reason)) {
    return "What listens there is another program, or speaks https: give --url.";
  }
  return "Is it running there? HTTP_ADDRESS or --url says where.";
}

/** Why an answer is of no use, and what to do; and what to end with. */
export function explainAnswer(
  { url, token }: Instance,
  { status }: InstanceAnswer,
): { readonly code: ExitCode; readonly said: string } {
  if (status !== 401) {
    const said = `What answers at ${url} (HTTP ${status}) is no instance: another program has ` +
      "the port. HTTP_ADDRESS or --url says where an instance is.\n";
    return { code: EXIT.failed, said };
  }
  return token === undefined
    ? {
      code: EXIT.usage,
      said:
        `The instance at ${url} wants its token: set HTTP_TOKEN to the one it was started with.\n`,
    }
    : {
      code: EXIT.failed,
      said: `The instance at ${url} was started with another HTTP_TOKEN than the one given.\n`,
    };
}

function withinTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return callWithin(systemClock, ANSWER_MS_MAX, new AbortController().signal, ask);
}

/** Trusts the certificate that the settings name, beside those that the system trusts. */
async function fetchTrusting(
  { certPath }: Instance,
  url: string,
  init: RequestInit,
): Promise<InstanceAnswer> {
  const caCerts = certPath === undefined ? [] : [readCertificate(certPath)];
  const client = Deno.createHttpClient({ caCerts });
  try {
    const response = await fetch(url, { ...init, client })
      .catch((error) => Promise.reject(fetchFault(error)));
    return { status: response.status, text: await response.text() };
  } finally {
    client.close();
  }
}

function readCertificate(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new Error(`Cannot read HTTP_TLS_CERT "${path}": ${errorMessage(error)}`);
  }
}

function getUnchecked(url: string, signal: AbortSignal): Promise<InstanceAnswer> {
  const agent = new Agent({ keepAlive: false, rejectUnauthorized: false });
  return new Promise((resolve, reject) => {
    const request = requestTls(url, { agent, signal, rejectUnauthorized: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => text += part);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end();
  });
}
