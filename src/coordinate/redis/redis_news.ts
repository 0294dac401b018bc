import type { News } from "../news.ts";
import { newsText, readNews } from "../news_shape.ts";
import { fleetKeys, type RedisCaller } from "./redis_caller.ts";
import { lookAt } from "./redis_look.ts";

/**
 * News in Redis: `redis-cli GET '{KEY:PIPELINE}:news:OWNER'` shows what one told last, as JSON.
 *
 * @param prefix `{KEY:PIPELINE}`, braces included
 */
export function createRedisNews(redis: RedisCaller, prefix: string): News {
  const keys = fleetKeys(prefix);
  return {
    async tell(news, ttlMs) {
      const text = newsText(news, ttlMs);
      await redis.call("SET", keys.news(news.owner), text, "PX", Math.ceil(ttlMs));
    },
    async read(owners) {
      const found = await lookAt(redis, owners.map(keys.news));
      return found.flatMap(({ value, leftMs }) =>
        value === null ? [] : readNews(value, leftMs) ?? []
      );
    },
  };
}
