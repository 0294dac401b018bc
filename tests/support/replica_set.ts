import { findBinary } from "../../scripts/services/binary.ts";
import { mongodBinary } from "../../scripts/services/install_mongod.ts";
import { type Server, startServer } from "../../scripts/services/server_process.ts";
import { waitUntil } from "../../scripts/services/wait_until.ts";
import { systemClock } from "../../src/support/clock.ts";
import { onAdmin } from "./mongo_commands.ts";

const SET_NAME = "rs3";
const READY_MS_MAX = 240_000;

export interface ReplicaSet extends AsyncDisposable {
  readonly url: string;
  /** Makes the primary step down and waits until there is another. */
  changePrimary(): Promise<void>;
}

/** Starts a replica set of three members that elect quickly, and waits until all are up. */
export async function startReplicaSet(): Promise<ReplicaSet> {
  const stack = new AsyncDisposableStack();
  const binary = await findBinary(mongodBinary);
  const members = await Promise.all(Array.from({ length: 3 }, async () => {
    return stack.use(await startMember(binary));
  }));
  await onAdmin(direct(members[0]!), {
    replSetInitiate: {
      _id: SET_NAME,
      settings: { electionTimeoutMillis: 1000, heartbeatIntervalMillis: 200 },
      members: members.map((member, _id) => ({ _id, host: `127.0.0.1:${member.port}` })),
    },
  });
  const statesAre = (wanted: string) =>
    waitUntil(systemClock, READY_MS_MAX, async () => {
      const states = await Promise.all(members.map(stateOf));
      return states.sort().join() === wanted ? true : undefined;
    });
  await statesAre("primary,secondary,secondary");
  const hosts = members.map((member) => `127.0.0.1:${member.port}`).join();
  return {
    url: `mongodb://${hosts}/?replicaSet=${SET_NAME}`,
    async changePrimary() {
      const states = await Promise.all(members.map(stateOf));
      const primary = members[states.indexOf("primary")]!;
      await onAdmin(direct(primary), { replSetStepDown: 30, secondaryCatchUpPeriodSecs: 10 });
      await statesAre("primary,secondary,secondary");
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function startMember(binary: string): Promise<Server> {
  return startServer({
    name: "mongod",
    binary,
    args: (port, folder) => [
      ...["--dbpath", folder, "--port", String(port), "--bind_ip", "127.0.0.1"],
      ...["--nounixsocket", "--replSet", SET_NAME, "--oplogSize", "64"],
      ...["--wiredTigerCacheSizeGB", "0.25"],
      ...["--setParameter", "diagnosticDataCollectionEnabled=false"],
      ...["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=0"],
    ],
    url: (port) => `mongodb://127.0.0.1:${port}/`,
    isReady: async (port) => {
      await onAdmin(`mongodb://127.0.0.1:${port}/?directConnection=true`, { hello: 1 });
      return true;
    },
  });
}

async function stateOf(member: Server): Promise<string> {
  const [hello] = await onAdmin(direct(member), { hello: 1 });
  return hello!["isWritablePrimary"] === true
    ? "primary"
    : hello!["secondary"] === true
    ? "secondary"
    : "other";
}

function direct(member: Server): string {
  return `mongodb://127.0.0.1:${member.port}/?directConnection=true&serverSelectionTimeoutMS=2000`;
}
