import type { MongoClient, TopologyDescription } from "mongodb";
import { TransientError } from "../../../model/errors.ts";
import type { Random } from "../../../support/random.ts";
import { createMongoClient, type MongoClientOptions } from "./mongo_client.ts";
import { greet } from "../server_facts.ts";

/**
 * Finds the server for a new cursor and the client that talks to no other.
 *
 * A cursor lives on the server that opened it. With a primary there is only one server that the driver would choose;
 * with several routers, or members other than the primary, it chooses anew for each command. There the cursor gets a
 * client that is connected to one address only. Which it is, is left to chance, so that streams spread over the routers.
 */
export class ServerPin {
  readonly #client: MongoClient;
  readonly #options: MongoClientOptions;
  readonly #random: Random;
  readonly #direct = new Map<string, MongoClient>();
  #topology: TopologyDescription | undefined;

  constructor(client: MongoClient, options: MongoClientOptions, random: Random) {
    this.#client = client;
    this.#options = options;
    this.#random = random;
    client.on("topologyDescriptionChanged", (event) => this.#topology = event.newDescription);
  }

  /** The client for one cursor; good for any number of cursors, and closed by `close` only. */
  async clientForCursor(signal: AbortSignal): Promise<MongoClient> {
    const address = await this.#chooseAddress(signal);
    if (address === undefined) return this.#client;
    const known = this.#direct.get(address);
    if (known !== undefined) return known;
    // Undefined where the URI says nothing of it, whatever the type says.
    const tls = this.#client.options.tls === true;
    const uri = directUri(this.#options.uri, address, tls);
    const direct = createMongoClient({ ...this.#options, uri });
    this.#direct.set(address, direct);
    return direct;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#direct.values()].map((client) => client.close()));
  }

  /** Undefined where every command goes to the same server anyway. */
  async #chooseAddress(signal: AbortSignal): Promise<string | undefined> {
    const greeting = await greet(this.#client, signal);
    const type = this.#topology?.type;
    if (type === undefined || type === "Single" || type === "LoadBalanced") return undefined;
    if (!greeting.isMongos) {
      return this.#client.readPreference.mode === "primary" ? undefined : greeting.me;
    }
    const routers = [...this.#topology?.servers.values() ?? []].filter((s) => s.type === "Mongos");
    if (routers.length === 1) return undefined;
    const router = routers[Math.floor(this.#random.fraction() * routers.length)];
    if (router === undefined) throw new TransientError("Cannot find a mongos that answers");
    return router.address;
  }
}

/**
 * The same connection string for one of its servers only. What `mongodb+srv` found in the DNS besides the hosts must
 * be said instead: TLS, which it implies.
 */
export function directUri(uri: string, address: string, tls: boolean): string {
  const match = /^mongodb(?:\+srv)?:\/\/((?:[^/]*@)?)[^/?]*(?:\/([^?]*))?(?:\?(.*))?$/s.exec(uri);
  if (match === null) throw new TypeError("Cannot read the connection string: it has no hosts");
  const [, user = "", database = "", query = ""] = match;
  const options = new URLSearchParams(query);
  for (const name of [...options.keys()]) {
    if (/^(directConnection|loadBalanced|srvMaxHosts|srvServiceName)$/i.test(name)) {
      options.delete(name);
    }
  }
  options.set("directConnection", "true");
  if (![...options.keys()].some((name) => /^(tls|ssl)$/i.test(name))) {
    options.set("tls", String(tls));
  }
  return `mongodb://${user}${address}/${database}?${options}`;
}
