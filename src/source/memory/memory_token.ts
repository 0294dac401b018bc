import type { ClusterTime } from "../../model/cluster_time.ts";

/** What a resume token's `_data` is made of. */
export interface TokenParts {
  readonly time: ClusterTime;
  /** The token of an invalidate sorts right after that of the drop it comes from. */
  readonly fromInvalidate: boolean;
  /** Its place among the operations of a transaction, which all have one time; 0 outside of one. */
  readonly index?: number;
  /** The collection's UUID as 32 hexadecimal digits; absent for a whole database. */
  readonly uuid?: string;
  /** The ObjectId of the document as 24 hexadecimal digits. */
  readonly id?: string;
}

/**
 * The `_data` string of an event's token, as MongoDB 6.0 writes it: a KeyString of cluster time, version 1, token type
 * 128, index in the transaction, whether it is of an invalidate, the UUID, the document key (MongoDB
 * `src/mongo/db/pipeline/resume_token.cpp`, `src/mongo/db/storage/key_string.cpp`).
 */
export function tokenData(parts: TokenParts): string {
  const kind = parts.fromInvalidate ? "6F" : "6E";
  const uuid = parts.uuid === undefined ? "" : `5A1004${parts.uuid}`;
  const key = parts.id === undefined ? "" : `46645F69640064${parts.id}00`;
  return `${timePrefix(parts.time)}2B022C0100${
    keyStringInt(parts.index ?? 0)
  }${kind}${uuid}${key}04`;
}

/** Of the tokens that a server has made; it gives all others back with an error, `positionAfterTime`'s among them. */
export function isServerToken(data: string): boolean {
  return /^82[0-9A-F]{16}2B02(29296E04|2C0100(29|2B[0-9A-F]{2}|2C[0-9A-F]{4})6[EF].*0[4-7])$/.test(
    data,
  );
}

/** A KeyString's whole number: zero has a type of its own, and the last bit says whether there is a fraction. */
function keyStringInt(value: number): string {
  if (value === 0) return "29";
  const hex = (value * 2).toString(16).toUpperCase();
  return value < 0x80 ? `2B${hex.padStart(2, "0")}` : `2C${hex.padStart(4, "0")}`;
}

/** The token of a fragment, which sorts behind that of the whole event; how servers write it does not matter here. */
export function fragmentToken(data: string, fragment: number): string {
  return `${data.slice(0, -2)}0${4 + fragment}`;
}

/** The token that stands for a time and sorts before all events of it. */
export function highWaterToken(time: ClusterTime): string {
  return `${timePrefix(time)}2B0229296E04`;
}

function timePrefix(time: ClusterTime): string {
  return `82${hex8(time.t)}${hex8(time.i)}`;
}

function hex8(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}
