import { readMember } from "../member_shape.ts";
import type { Members } from "../members.ts";
import { fleetKeys, type RedisCaller } from "./redis_caller.ts";
import { lookAt } from "./redis_look.ts";
import { ANNOUNCE, FORGET_SILENT, LEAVE } from "./redis_member_scripts.ts";

/**
 * Members in Redis: `redis-cli GET '{KEY:PIPELINE}:member:OWNER'` shows what one tells of itself, as JSON.
 *
 * @param prefix `{KEY:PIPELINE}`, braces included
 */
export function createRedisMembers(redis: RedisCaller, prefix: string): Members {
  const keys = fleetKeys(prefix);
  return {
    async announce(member, ttlMs) {
      const args = [JSON.stringify(member), Math.ceil(ttlMs), member.owner];
      const memberKeys = [keys.member(member.owner), keys.members, keys.changes];
      await redis.call("EVAL", ANNOUNCE, 3, ...memberKeys, ...args);
    },
    async leave(owner) {
      await redis.call("EVAL", LEAVE, 3, keys.member(owner), keys.members, keys.changes, owner);
    },
    async list() {
      const owners = (await redis.call("SMEMBERS", keys.members) as string[]).sort();
      const found = await lookAt(redis, owners.map(keys.member));
      const silent = owners.filter((_, i) => found[i]!.value === null);
      for (const owner of silent) {
        await redis.call("EVAL", FORGET_SILENT, 2, keys.member(owner), keys.members, owner);
      }
      return found.flatMap(({ value, leftMs }) => {
        const member = value === null ? undefined : readMember(value);
        return member === undefined ? [] : [{ ...member, leftMs }];
      });
    },
  };
}
