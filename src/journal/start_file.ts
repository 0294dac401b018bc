import type { Position } from "../model/position.ts";
import { objectOf, oneOf, text } from "../support/json_shape.ts";
import { POSITION } from "./codec/position_shape.ts";
import type { FileForm } from "./codec/versioned_json.ts";

/** The version of start files that this program writes. */
export const START_VERSION = 1;

/** The start position of a target, fixed before its first genesis. */
export interface StartFile {
  readonly v: typeof START_VERSION;
  readonly target: string;
  readonly position: Position;
}

export const START_FILE: FileForm<StartFile> = {
  what: "the start position",
  versions: [START_VERSION],
  shape: objectOf<StartFile>({ v: oneOf(START_VERSION), target: text(), position: POSITION }),
};
