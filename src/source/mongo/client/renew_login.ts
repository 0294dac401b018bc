import {
  type MongoClient,
  MongoClientClosedError,
  MongoExpiredSessionError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
} from "mongodb";
import { serverErrorCode } from "../classify_error.ts";
import { loginRefusalIn } from "../login_refusal.ts";
import { meaningOfCode } from "../server_error_codes.ts";

/** Clients that are being looked after, so that of many streams that fail at once one does it. */
const underWay = new WeakMap<MongoClient, Promise<unknown>>();

/**
 * Makes the client log in anew, if the server refused something because it does not know any more who we are: who was
 * dropped and created again is a stranger on connections of before, for as long as these are kept.
 *
 * @returns why the call failed: `error`, or what the new login failed with.
 */
export async function renewLogin(client: MongoClient, error: unknown): Promise<unknown> {
  if (!isRefused(error) && !isClosed(error)) return error;
  const renewal = underWay.get(client) ??
    renew(client, error).finally(() => underWay.delete(client));
  underWay.set(client, renewal);
  return await renewal ?? error;
}

/** Whether a call ended because its client was closed, as it is when somebody else's call makes it log in anew. */
export function isClosed(error: unknown): boolean {
  return CLOSED.some((type) => error instanceof type);
}

/** Sessions end with their client. */
const CLOSED = [
  MongoNotConnectedError,
  MongoTopologyClosedError,
  MongoServerClosedError,
  MongoClientClosedError,
  MongoExpiredSessionError,
];

function isRefused(error: unknown): boolean {
  if (loginRefusalIn(error) !== undefined) return true;
  const code = serverErrorCode(error);
  return code !== undefined && meaningOfCode(code, []) === "authorization";
}

/** Answers with what failed; undefined if nothing did. */
async function renew(client: MongoClient, error: unknown): Promise<unknown> {
  if (client.options?.credentials === undefined) return undefined;
  try {
    // Whom the server knows has too few rights, and new connections would have no more. Who was refused a login need not ask:
    // the driver has thrown its connections away, and would wait for a server that it does not look for.
    if (loginRefusalIn(error) === undefined && await isKnown(client)) return undefined;
    await client.close();
    await client.connect();
    return undefined;
  } catch (error) {
    return error;
  }
}

async function isKnown(client: MongoClient): Promise<boolean> {
  try {
    const { authInfo } = await client.db("admin").command({ connectionStatus: 1 });
    return authInfo.authenticatedUsers.length > 0;
  } catch (error) {
    // An earlier login has failed, and nobody has connected since.
    if (isClosed(error)) return false;
    throw error;
  }
}
