import { parseStartFrom } from "../config/start_from.ts";
import type { Point } from "../model/start_from.ts";

export const POINT_FORMS =
  "now, earliest, 2026-11-20T17:00:00Z, a resume token (82...), or 1795194000.1";

/** The same, for a line of help. */
export const POINT_FORMS_SHORT = "now, earliest, a time, a token, 1795194000.1";

const UINT32_MAX = 0xffffffff;

/** As `START_FROM`, or `T.I`: before the first event of that operation time. Undefined where the text is none of these. */
export function parsePoint(text: string): Point | undefined {
  const match = /^(\d{1,10})\.(\d{1,10})$/.exec(text);
  if (match !== null) {
    const time = { t: Number(match[1]), i: Number(match[2]) };
    return time.t <= UINT32_MAX && time.i <= UINT32_MAX ? { kind: "operation", time } : undefined;
  }
  const point = parseStartFrom(text);
  return typeof point === "string" ? undefined : point;
}
