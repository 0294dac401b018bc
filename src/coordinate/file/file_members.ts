import { join } from "node:path";
import { encodeName } from "../../model/keys/name_encoding.ts";
import type { Clock } from "../../support/clock.ts";
import type { FileChanges } from "./file_changes.ts";
import { readMember } from "../member_shape.ts";
import type { Member, MemberInfo, Members } from "../members.ts";
import { namesIn, readText, removeFile, replaceText } from "./shared_folder.ts";

/** Members in a folder, a readable file for each. `endMs` in it is wall clock: when it has fallen silent. */
export function createFileMembers(folder: string, clock: Clock, changes: FileChanges): Members {
  const fileOf = (owner: string) => join(folder, `${encodeName(owner)}.json`);
  return {
    async announce(member, ttlMs) {
      const file = fileOf(member.owner);
      const before = parse(await readText(file));
      const endMs = clock.wallMs() + ttlMs;
      const text = JSON.stringify({ endMs, ...member });
      await replaceText(file, text + "\n", encodeName(member.owner));
      const isNews = before === undefined || before.endMs <= clock.wallMs() ||
        JSON.stringify(before.member) !== JSON.stringify(member);
      if (isNews) await changes.mark();
    },
    async leave(owner) {
      if (await removeFile(fileOf(owner))) await changes.mark();
    },
    async list() {
      const found: MemberInfo[] = [];
      const nowMs = clock.wallMs();
      for (const name of await namesIn(folder)) {
        const entry = parse(await readText(join(folder, name)));
        const leftMs = (entry?.endMs ?? nowMs) - nowMs;
        if (entry !== undefined && leftMs > 0) found.push({ ...entry.member, leftMs });
        else if (entry !== undefined) await removeFile(join(folder, name));
      }
      return found;
    },
  };
}

function parse(text: string | undefined): { member: Member; endMs: number } | undefined {
  if (text === undefined) return undefined;
  try {
    const { endMs } = JSON.parse(text);
    const member = readMember(text);
    return member === undefined || typeof endMs !== "number" ? undefined : { member, endMs };
  } catch {
    // Not written by us, or cut off by a crash of the machine.
    return undefined;
  }
}
