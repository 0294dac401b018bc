/**
 * Removes fields from change events, as bytes and without decoding them.
 *
 * An event is read once. If it has nothing that is to be removed, which is the usual case, it costs that and no more: its
 * bytes stay where they are.
 */
import { ByteSink } from "./byte_sink.ts";
import { Edits } from "./edits.ts";
import { ARRAY, CODE_WITH_SCOPE, DOCUMENT, NULL, STRING } from "./element_type.ts";
import { MalformedBsonError } from "./malformed_bson_error.ts";
import { Redaction } from "./redaction.ts";
import { documentEnd, elementSize, nameEnd, stringEnd } from "./skip.ts";

/** What a field of an event is, where that decides how it is read. */
type Part =
  /** Of the server's own making: nothing of a document is in it. */
  | "header"
  | "image"
  | "key"
  | "update"
  /** Anything else, such as what a user's stage has put there: paths may begin at any depth. */
  | "other";

/** Documents that are nested deeper are no server's. */
const DEPTH_MAX = 1000;

const PLAIN_NULL = new Uint8Array([NULL]);
const AS_DOCUMENT = new Uint8Array([DOCUMENT]);
const EMPTY = new Uint8Array([5, 0, 0, 0, 0]);

/** As the scope of a function is called where a row shows it. */
const SCOPE = new TextEncoder().encode("$scope");

const NOWHERE: ReadonlySet<string> = new Set();

/** A document that nobody can read: its only element has a type that BSON does not have. */
const BROKEN = brokenDocument("redacted-because-damaged");

export class EventRedactor {
  readonly #paths: Redaction;
  readonly #written: ReadonlySet<string>;
  readonly #edits = new Edits();
  #bytes = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #isInKey = false;

  /** `written`: fields of events that a user's stage may have put documents into; there paths may begin at any depth. */
  constructor(paths: Redaction, written = NOWHERE) {
    this.#paths = paths;
    this.#written = written;
  }

  /** Whether the document key of the event read last has something that is to be removed. */
  get isInKey(): boolean {
    return this.#isInKey;
  }

  /** After the event read last. */
  get end(): number {
    return this.#end;
  }

  /**
   * Reads the event at `start`; the answer is whether anything is to be removed from it. A part that is damaged could
   * hold anything: all of it is to be replaced, by something that is damaged, too.
   *
   * @throws {MalformedBsonError} if the event's frame is broken.
   */
  read(bytes: Uint8Array, start: number): boolean {
    this.#bytes = bytes as Uint8Array<ArrayBuffer>;
    this.#start = start;
    this.#isInKey = false;
    this.#edits.clear();
    const end = documentEnd(bytes, start, bytes.length);
    this.#end = end;
    const last = end - 1;
    let growth = 0;
    for (let at = start + 4; at < last;) {
      const nameStop = nameEnd(bytes, at + 1, last);
      const stop = nameStop + 1 + elementSize(bytes, bytes[at]!, nameStop + 1, last);
      const isWritten = this.#isWritten(at + 1, nameStop);
      const part = partOf(bytes, at + 1, nameStop);
      if (part !== "header" || isWritten) {
        growth += this.#readPart(part, at, nameStop, stop, isWritten);
      }
      at = stop;
    }
    this.#edits.grow(start, growth);
    return this.#edits.count > 0;
  }

  /** Writes the event read last without what is to be removed. */
  write(out: ByteSink): void {
    this.#edits.write(this.#bytes, this.#start, this.#end, out);
  }

  #isWritten(start: number, end: number): boolean {
    if (this.#written.size === 0) return false;
    return this.#written.has(NAME_DECODER.decode(this.#bytes.subarray(start, end)));
  }

  #readPart(
    part: Part,
    at: number,
    nameStop: number,
    stop: number,
    isWritten: boolean,
  ): number {
    const mark = this.#edits.mark();
    const value = nameStop + 1;
    const again = isWritten ? this.#paths : undefined;
    try {
      switch (part) {
        case "image":
          return this.#readValue(at, value, stop, this.#paths, again, 0);
        case "key": {
          const growth = this.#readValue(at, value, stop, this.#paths, undefined, 0);
          if (this.#edits.count > mark.pieces) this.#isInKey = true;
          return growth;
        }
        case "update":
          return this.#bytes[at] === DOCUMENT
            ? this.#readUpdate(value, stop, again)
            : this.#readValue(at, value, stop, this.#paths, this.#paths, 0);
        default:
          return this.#readElement(at, nameStop, stop, this.#paths, this.#paths, 0);
      }
    } catch (error) {
      if (!(error instanceof MalformedBsonError)) throw error;
      this.#edits.rewind(mark);
      this.#edits.replace(at, at + 1, AS_DOCUMENT);
      return this.#edits.replace(value, stop, BROKEN);
    }
  }

  #readUpdate(start: number, limit: number, again: Redaction | undefined): number {
    const bytes = this.#bytes;
    const last = documentEnd(bytes, start, limit) - 1;
    let growth = 0;
    for (let at = start + 4; at < last;) {
      const nameStop = nameEnd(bytes, at + 1, last);
      const value = nameStop + 1;
      const stop = value + elementSize(bytes, bytes[at]!, value, last);
      const name = NAME_DECODER.decode(bytes.subarray(at + 1, nameStop));
      if (name === "updatedFields") {
        growth += this.#readValue(at, value, stop, this.#paths, again, 1);
      } else if (NAME_LISTS.includes(name)) growth += this.#readNames(at, value, stop, again);
      else growth += this.#readElement(at, nameStop, stop, this.#paths, this.#paths, 1);
      at = stop;
    }
    this.#edits.grow(start, growth);
    return growth;
  }

  /**
   * Lists of names: strings in `removedFields`, documents with a `field` in `truncatedArrays`, the names themselves in
   * `disambiguatedPaths`. What lies below a removed field may have names that tell something, so all of them go.
   */
  #readNames(at: number, start: number, limit: number, again: Redaction | undefined): number {
    const bytes = this.#bytes;
    if (bytes[at] !== ARRAY && bytes[at] !== DOCUMENT) {
      return again === undefined ? 0 : this.#readValue(at, start, limit, again, again, 1);
    }
    const isArray = bytes[at] === ARRAY;
    const last = documentEnd(bytes, start, limit) - 1;
    let growth = 0;
    for (let item = start + 4; item < last;) {
      const nameStop = nameEnd(bytes, item + 1, last);
      const value = nameStop + 1;
      const stop = value + elementSize(bytes, bytes[item]!, value, last);
      const isNamed = isArray
        ? this.#namesRemoved(bytes[item]!, value, stop)
        : this.#paths.belowPath(bytes, item + 1, nameStop) === "all";
      if (isNamed) growth += this.#edits.replace(item, stop);
      else if (again !== undefined) {
        growth += this.#readValue(item, value, stop, again, again, 2);
      }
      item = stop;
    }
    this.#edits.grow(start, growth);
    return growth;
  }

  #namesRemoved(type: number, value: number, stop: number): boolean {
    const bytes = this.#bytes;
    if (type === STRING) return this.#paths.belowPath(bytes, value + 4, stop - 1) === "all";
    if (type !== DOCUMENT) return false;
    const last = documentEnd(bytes, value, stop) - 1;
    for (let at = value + 4; at < last;) {
      const inner = nameEnd(bytes, at + 1, last) + 1;
      const end = inner + elementSize(bytes, bytes[at]!, inner, last);
      const isText = bytes[at] === STRING;
      if (isText && this.#paths.belowPath(bytes, inner + 4, end - 1) === "all") return true;
      at = end;
    }
    return false;
  }

  /** Reads what is below a field; `again`: paths that may begin anew at each depth. */
  #readValue(
    at: number,
    value: number,
    stop: number,
    paths: Redaction,
    again: Redaction | undefined,
    depth: number,
  ): number {
    const type = this.#bytes[at]!;
    if (type === DOCUMENT) return this.#readDocument(value, stop, paths, again, depth);
    if (type === ARRAY) return this.#readArray(value, stop, paths, again, depth);
    if (type === CODE_WITH_SCOPE) return this.#readScope(value, stop, paths, again, depth);
    return 0;
  }

  /** The variables of a function are below its field, with and without the word that rows have for them. */
  #readScope(
    value: number,
    stop: number,
    paths: Redaction,
    again: Redaction | undefined,
    depth: number,
  ): number {
    const scope = stringEnd(this.#bytes, value + 4, stop);
    const below = paths.below(SCOPE, 0, SCOPE.length);
    const growth = below === "all"
      ? this.#edits.replace(scope, stop, EMPTY)
      : this.#readDocument(scope, stop, below?.and(paths) ?? paths, again, depth);
    this.#edits.grow(value, growth);
    return growth;
  }

  #readDocument(
    start: number,
    limit: number,
    paths: Redaction,
    again: Redaction | undefined,
    depth: number,
  ): number {
    checkDepth(depth, start);
    const bytes = this.#bytes;
    const last = documentEnd(bytes, start, limit) - 1;
    let growth = 0;
    for (let at = start + 4; at < last;) {
      const nameStop = nameEnd(bytes, at + 1, last);
      const stop = nameStop + 1 + elementSize(bytes, bytes[at]!, nameStop + 1, last);
      growth += this.#readElement(at, nameStop, stop, paths, again, depth);
      at = stop;
    }
    this.#edits.grow(start, growth);
    return growth;
  }

  #readElement(
    at: number,
    nameStop: number,
    stop: number,
    paths: Redaction,
    again: Redaction | undefined,
    depth: number,
  ): number {
    let below = paths.belowPath(this.#bytes, at + 1, nameStop);
    if (below === "all") return this.#edits.replace(at, stop);
    if (again !== undefined) below = below === undefined ? again : below.and(again);
    if (below === undefined) return 0;
    return this.#readValue(at, nameStop + 1, stop, below, again, depth + 1);
  }

  /** Paths pass over indexes. Where one names an index, null takes the item's place, or the others would move. */
  #readArray(
    start: number,
    limit: number,
    paths: Redaction,
    again: Redaction | undefined,
    depth: number,
  ): number {
    checkDepth(depth, start);
    const bytes = this.#bytes;
    const last = documentEnd(bytes, start, limit) - 1;
    let growth = 0;
    for (let at = start + 4; at < last;) {
      const nameStop = nameEnd(bytes, at + 1, last);
      const value = nameStop + 1;
      const stop = value + elementSize(bytes, bytes[at]!, value, last);
      const below = paths.hasIndexes ? paths.below(bytes, at + 1, nameStop) : undefined;
      if (below === "all") {
        this.#edits.replace(at, at + 1, PLAIN_NULL);
        growth += this.#edits.replace(value, stop);
      } else {
        const all = below === undefined ? paths : below.and(paths);
        growth += this.#readValue(at, value, stop, all, again, depth + 1);
      }
      at = stop;
    }
    this.#edits.grow(start, growth);
    return growth;
  }
}

/** One event without the fields with these paths: itself where it has none of them. `written` as in a redactor. */
export function withoutFields(
  event: Uint8Array,
  paths: readonly string[],
  written?: ReadonlySet<string>,
): Uint8Array {
  const redactor = new EventRedactor(Redaction.from(paths), written);
  if (!redactor.read(event, 0)) return event;
  const out = new ByteSink(event.length);
  redactor.write(out);
  return out.take();
}

function checkDepth(depth: number, at: number): void {
  if (depth > DEPTH_MAX) throw new MalformedBsonError("document is nested too deep", at);
}

function brokenDocument(name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const document = new Uint8Array(text.length + 7);
  document[0] = document.length;
  document[4] = 0x3f;
  document.set(text, 5);
  return document;
}

const NAME_DECODER = new TextDecoder();
const NAME_LISTS = ["removedFields", "truncatedArrays", "disambiguatedPaths"];

const PARTS: Readonly<Record<string, Part>> = {
  _id: "header",
  operationType: "header",
  clusterTime: "header",
  wallTime: "header",
  ns: "header",
  to: "header",
  nsType: "header",
  collectionUUID: "header",
  lsid: "header",
  txnNumber: "header",
  splitEvent: "header",
  documentKey: "key",
  fullDocument: "image",
  fullDocumentBeforeChange: "image",
  updateDescription: "update",
};

/** Names of one length beside each other: mostly there is one to compare. */
const PARTS_BY_LENGTH: readonly (readonly { readonly name: Uint8Array; readonly part: Part }[])[] =
  Array.from(
    { length: 32 },
    (_, length) =>
      Object.entries(PARTS).filter(([name]) => name.length === length).map(([name, part]) => ({
        name: new TextEncoder().encode(name),
        part,
      })),
  );

function partOf(bytes: Uint8Array, start: number, end: number): Part {
  for (const { name, part } of PARTS_BY_LENGTH[end - start] ?? []) {
    let i = 0;
    while (i < name.length && bytes[start + i] === name[i]) i++;
    if (i === name.length) return part;
  }
  return "other";
}
