import { type Document, MongoClient } from "mongodb";

/** Runs commands on the `admin` database of a server, on connections of their own. */
export async function onAdmin(uri: string, ...commands: readonly Document[]): Promise<Document[]> {
  const client = new MongoClient(uri, { appName: "test", maxPoolSize: 1 });
  try {
    const replies: Document[] = [];
    for (const command of commands) replies.push(await client.db("admin").command(command));
    return replies;
  } finally {
    await client.close();
  }
}

/**
 * Makes the server fail the next command of this name that tributary sends, with an error code or by hanging up. The
 * server must be the test's own.
 */
export async function failNext(uri: string, command: string, how: Document): Promise<void> {
  await onAdmin(uri, {
    configureFailPoint: "failCommand",
    mode: { times: 1 },
    data: { failCommands: [command], appName: "tributary", ...how },
  });
}
