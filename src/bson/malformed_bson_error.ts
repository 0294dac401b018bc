/**
 * Bytes that are not BSON as its specification (bsonspec.org, version 1.1) describes it.
 *
 * `offset` is where in the given bytes the fault was found.
 */
export class MalformedBsonError extends Error {
  override readonly name = "MalformedBsonError";
  readonly offset: number;

  /** @param fault what is wrong, without the place: `string length is -4`. */
  constructor(fault: string, offset: number) {
    super(`Cannot read BSON: ${fault} at offset ${offset}`);
    this.offset = offset;
  }
}
