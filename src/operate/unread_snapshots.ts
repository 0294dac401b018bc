import { PermanentError } from "../model/errors.ts";
import { isWider, type Stream, streamName, targetKey } from "../model/stream.ts";
import { isDue } from "../pipeline/snapshot/due_snapshot.ts";
import type { OperatorParts } from "./operator_context.ts";

/** A snapshot that is not complete. */
export interface Unread {
  readonly id: string;
  readonly state: "due" | "running" | "cancelling";
}

type Parts = Pick<OperatorParts, "journal" | "layouts" | "snapshotFiles">;

/** Those that targets have, also those that they have taken over. Each is asked for once, for hundreds are retired together. */
export async function unreadSnapshots(
  { snapshotFiles: files, journal }: Parts,
  targets: readonly Stream[],
): Promise<Unread[]> {
  const found = await files?.find() ?? new Map<string, never>();
  const keys = new Set(targets.map(targetKey));
  const wide = targets.filter(({ level }) => level !== "collection");
  const unread: Unread[] = [];
  for (const [id, { hasPlan, hasEnd, isCancelled }] of found) {
    const intent = hasEnd ? undefined : await files!.readIntent(id);
    if (intent === undefined) continue;
    const isTheirs = keys.has(targetKey(intent.stream)) ||
      wide.some((target) => isWider(target, intent.stream));
    if (!isTheirs || !hasPlan && await isDue(files!, found, journal, intent) !== "due") continue;
    unread.push({ id, state: isCancelled ? "cancelling" : hasPlan ? "running" : "due" });
  }
  return unread;
}

/**
 * Of a database or the deployment the narrower streams that may follow cannot go on with a snapshot. Where it is being retired
 * already, that is to be completed.
 *
 * @throws {PermanentError} where one is not complete.
 */
export async function refuseUnread(parts: Parts, target: Stream): Promise<void> {
  if (await parts.layouts.readIntent(targetKey(target), 1) !== undefined) return;
  const unread = await unreadSnapshots(parts, [target]);
  if (unread.length === 0) return;
  const name = streamName(target);
  const those = unread.map(({ id, state }) => `${id} is ${state}`).join(", ");
  const open = unread.filter(({ state }) => state !== "cancelling");
  const cancel = open.map(({ id }) => `\`tributary snapshot cancel ${id}\``).join(" and ");
  throw new PermanentError(
    `Cannot retire ${name}: documents that were there before are not all read (${those}), and a ` +
      "narrower stream could not go on with that; retire it when `tributary snapshot status` shows " +
      `all of them as complete or cancelled${
        open.length === 0 ? "" : `, or end them with ${cancel}`
      }`,
  );
}
