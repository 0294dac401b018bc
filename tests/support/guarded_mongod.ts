import { startMongod } from "../../scripts/services/mongod.ts";
import { onAdmin } from "./mongo_commands.ts";

/** A replica set of one, with the same name as all others, that wants users to say who they are. */
export interface GuardedMongod extends AsyncDisposable {
  /** For a user who may do anything. */
  readonly admin: string;
  /** For a user with the role `read` on the database `shop` and no other right. */
  readonly reader: string;
}

export async function startGuardedMongod(): Promise<GuardedMongod> {
  const keyFile = await Deno.makeTempFile();
  await Deno.writeTextFile(keyFile, "tributarytests");
  await Deno.chmod(keyFile, 0o600);
  const args = ["--auth", "--keyFile", keyFile];
  const server = await startMongod({ cacheGigabytes: 0.25, args });
  await Deno.remove(keyFile);
  const as = (user: string) => server.url.replace("://", `://${user}@`) + "&authSource=admin";
  const [admin, reader] = [as("root:toor"), as("reader:sesame")];
  const root = { createUser: "root", pwd: "toor", roles: ["root"] };
  await onAdmin(`${server.url}&directConnection=true`, root);
  const roles = [{ role: "read", db: "shop" }];
  await onAdmin(admin, { createUser: "reader", pwd: "sesame", roles });
  return { admin, reader, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
