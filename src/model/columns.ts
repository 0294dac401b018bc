/**
 * The columns of every format, in their order. A contract with everybody who reads a lake: names and types never
 * change, and `ENCODER_VERSION` grows when the meaning of their bytes does.
 */
export const COLUMNS = [
  { name: "operation", type: "string", nullable: false },
  { name: "database", type: "string", nullable: false },
  { name: "collection", type: "string", nullable: true },
  { name: "cluster_time", type: "timestamp", nullable: false },
  { name: "cluster_increment", type: "int32", nullable: false },
  { name: "wall_time", type: "timestamp", nullable: true },
  { name: "document_key", type: "json", nullable: true },
  { name: "full_document", type: "json", nullable: true },
  { name: "full_document_before_change", type: "json", nullable: true },
  { name: "update_description", type: "json", nullable: true },
  { name: "resume_token", type: "string", nullable: false },
] as const;

/** `timestamp` is milliseconds since 1970 UTC, `json` Extended JSON v2. */
export type ColumnType = (typeof COLUMNS)[number]["type"];

/**
 * Recorded with every stream: a range that is read again must be encoded as it was the first time.
 *
 * 1: `update_description` is null but for updates. 2: of operations on collections it has what the event says of them.
 */
export const ENCODER_VERSION = 2;

/** Whether rows of this version say what an operation on a collection, as a rename, was about. */
export function describesOperations(encoderVersion: number): boolean {
  return encoderVersion >= 2;
}
