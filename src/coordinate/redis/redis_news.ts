import type { News } from "../news.ts";
import { readNews } from "../news_shape.ts";
import { fleetKeys, type RedisCaller } from "./redis_caller.ts";

/**
 * News in Redis: `redis-cli GET '{KEY:PIPELINE}:news:OWNER'` shows what one told last, as JSON.
 *
 * @param prefix `{KEY:PIPELINE}`, braces included
 */
export function createRedisNews(redis: RedisCaller, prefix: string): News {
  const keys = fleetKeys(prefix);
  return {
    async tell(news, ttlMs) {
      const text = JSON.stringify(news);
      await redis.call("SET", keys.news(news.owner), text, "PX", Math.ceil(ttlMs));
    },
    async read(owners) {
      if (owners.length === 0) return [];
      const texts = await redis.call("MGET", ...owners.map(keys.news)) as (string | null)[];
      return texts.flatMap((text) => text === null ? [] : readNews(text) ?? []);
    },
  };
}
