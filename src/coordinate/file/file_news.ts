import { join } from "node:path";
import { encodeName } from "../../model/keys/name_encoding.ts";
import type { Clock } from "../../support/clock.ts";
import type { News, ToldNews } from "../news.ts";
import { newsText, readNews } from "../news_shape.ts";
import { namesIn, readText, removeFile, replaceText } from "./shared_folder.ts";

/** News in a folder, a readable file for each instance: a line with the wall clock's end of it, and a line of JSON. */
export function createFileNews(folder: string, clock: Clock): News {
  return {
    async tell(news, ttlMs) {
      const name = encodeName(news.owner);
      const endMs = Math.ceil(clock.wallMs() + ttlMs);
      const text = `${endMs}\n${newsText(news, ttlMs)}\n`;
      await replaceText(join(folder, `${name}.txt`), text, name);
    },
    async read(owners) {
      const found: ToldNews[] = [];
      for (const name of await namesIn(folder)) {
        const [endMs = "", json = ""] = (await readText(join(folder, name)) ?? "").split("\n");
        const leftMs = Number(endMs) - clock.wallMs();
        if (!(leftMs > 0)) {
          await removeFile(join(folder, name));
          continue;
        }
        const news = readNews(json, leftMs);
        if (news !== undefined && owners.includes(news.owner)) found.push(news);
      }
      return found;
    },
  };
}
