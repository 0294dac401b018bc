import { isWider, type Stream, targetKey, targetsOverlap } from "../../model/stream.ts";
import type { Journal } from "../ports.ts";
import type { SnapshotFiles } from "../snapshots.ts";
import { isDue } from "./due_snapshot.ts";

/**
 * Whether documents of before become no rows where a target follows a wider one, unless they are read for it: a snapshot of
 * that is not complete, which a narrower stream cannot take over.
 */
export async function isOwed(
  files: Omit<SnapshotFiles, "putIntent" | "putCancel" | "putPlan" | "putEnd">,
  journal: Pick<Journal, "read">,
  stream: Stream,
  followed: readonly Stream[],
): Promise<boolean> {
  const wider = new Set(followed.filter((each) => isWider(each, stream)).map(targetKey));
  const found = await files.find();
  for (const [id, { hasEnd, isCancelled }] of found) {
    const intent = hasEnd || isCancelled ? undefined : await files.readIntent(id);
    if (intent === undefined || intent.where !== undefined) continue;
    const isOfThese = wider.has(targetKey(intent.stream)) &&
      targetsOverlap(intent.target ?? intent.stream, stream);
    if (isOfThese && await isDue(files, found, journal, intent) === "due") return true;
  }
  return false;
}
