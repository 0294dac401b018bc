import type { ClusterTime } from "../model/cluster_time.ts";
import { errorMessage, PermanentError } from "../model/errors.ts";
import type { Position } from "../model/position.ts";
import type { StreamState } from "../pipeline/ports.ts";
import { objectOf, oneOf, text, wholeNumber } from "../support/json_shape.ts";
import { readableJson } from "../support/json_text.ts";

/** The text of a state: JSON that people can read, ending with a newline. */
export function encodeState(state: StreamState): string {
  return readableJson(STATE(state, ""));
}

/**
 * The state in a text from `where`.
 *
 * @throws {PermanentError} as `checkState`, or if it is not JSON.
 */
export function decodeState(json: string, where: string): StreamState {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new PermanentError(`Cannot read the state "${where}": ${errorMessage(error)}`);
  }
  return checkState(value, where);
}

/**
 * The state that a value from `where` is. Fields that a newer program may have added are left out: unlike in a journal,
 * nothing is lost with them.
 *
 * @throws {PermanentError} naming the field that is wrong.
 */
export function checkState(value: unknown, where: string): StreamState {
  const given = Object(value) as Record<string, unknown>;
  const known = STATE_FIELDS.filter((name) => Object.hasOwn(given, name));
  try {
    return STATE(Object.fromEntries(known.map((name) => [name, given[name]])), "");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new PermanentError(`Cannot read the state "${where}": ${error.message}`);
  }
}

const UINT32_MAX = 0xffffffff;
const COUNT = wholeNumber(0);

const FIELDS = {
  stream: text(),
  lake: text(),
  seq: COUNT,
  position: objectOf<Position>({
    operationTime: objectOf<ClusterTime>({
      t: wholeNumber(0, UINT32_MAX),
      i: wholeNumber(0, UINT32_MAX),
    }),
    data: text(),
    typeBits: text(),
    invalidate: oneOf(true),
  }, ["typeBits", "invalidate"]),
  generation: COUNT,
  owner: text(),
  events: COUNT,
  objects: COUNT,
  bytes: COUNT,
  deadLetters: COUNT,
  updatedAt: text(),
};

const STATE = objectOf<StreamState>(FIELDS, ["lake"]);

/** The names of a state's fields, in the order in which they are written. */
export const STATE_FIELDS: readonly (keyof StreamState)[] = Object.keys(
  FIELDS,
) as (keyof StreamState)[];
