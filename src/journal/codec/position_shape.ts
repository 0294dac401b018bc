import type { ClusterTime } from "../../model/cluster_time.ts";
import type { Position } from "../../model/position.ts";
import { objectOf, oneOf, type Shape, text, wholeNumber } from "../../support/json_shape.ts";

const UINT32_MAX = 0xffffffff;

/** A position as it stands in records and start files. */
export const POSITION: Shape<Position> = objectOf<Position>({
  operationTime: objectOf<ClusterTime>({
    t: wholeNumber(0, UINT32_MAX),
    i: wholeNumber(0, UINT32_MAX),
  }),
  data: text(/^[0-9A-Fa-f]*$/, "the hex digits of a resume token"),
  typeBits: text(/^[A-Za-z0-9+/]*={0,2}$/, "base64"),
  invalidate: oneOf(true),
}, ["typeBits", "invalidate"]);
