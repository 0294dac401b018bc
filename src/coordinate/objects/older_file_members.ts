import { join } from "node:path";
import type { Clock } from "../../support/clock.ts";
import { readMember } from "../member_shape.ts";
import type { MemberInfo, Members } from "../members.ts";
import { namesIn, readText } from "./shared_folder.ts";

/**
 * The instances of versions before leases were kept in the destination: each has a file in a folder of the state store, with
 * the wall clock's time of its end. They are only looked at, so that a rolling update waits for them.
 */
export function createOlderFileMembers(folder: string, clock: Clock): Pick<Members, "list"> {
  return {
    async list() {
      const nowMs = clock.wallMs();
      const found: MemberInfo[] = [];
      for (const name of await namesIn(folder)) {
        const text = await readText(join(folder, name)) ?? "";
        const member = readMember(text);
        const leftMs = member === undefined ? 0 : Number(JSON.parse(text).endMs) - nowMs;
        if (member !== undefined && leftMs > 0) found.push({ ...member, leftMs });
      }
      return found;
    },
  };
}
