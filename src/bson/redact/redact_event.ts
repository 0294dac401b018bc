/**
 * Removes fields from change events, as bytes and without decoding them.
 *
 * An event is read once. If it has nothing that is to be removed, which is the usual case, it costs that and no more: its
 * bytes stay where they are.
 */
import { ByteSink } from "../byte_sink.ts";
import { Edits } from "./edits.ts";
import { ARRAY, DOCUMENT, NULL, STRING } from "../element_type.ts";
import { MalformedBsonError } from "../malformed_bson_error.ts";
import { Redaction } from "./redaction.ts";
import { documentEnd, elementSize, nameEnd } from "../skip.ts";

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

/** A document that nobody can read: its only element has a type that BSON does not have. */
const BROKEN = brokenDocument("redacted-because-damaged");

export class EventRedactor {
  readonly #paths: Redaction;
  readonly #edits = new Edits();
  #bytes = new Uint8Array(0);
  #start = 0;
  #end = 0;
  #isInKey = false;

  constructor(paths: Redaction) {
    this.#paths = paths;
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
      const part = partOf(bytes, at + 1, nameStop);
      if (part !== "header") growth += this.#readPart(part, at, nameStop, stop);
      at = stop;
    }
    this.#edits.grow(start, growth);
    return this.#edits.count > 0;
  }

  /** Writes the event read last without what is to be removed. */
  write(out: ByteSink): void {
    this.#edits.write(this.#bytes, this.#start, this.#end, out);
  }

  #readPart(part: Part, at: number, nameStop: number, stop: number): number {
    const mark = this.#edits.mark();
    const value = nameStop + 1;
    try {
      switch (part) {
        case "image":
          return this.#readValue(at, value, stop, this.#paths, undefined, 0);
        case "key": {
          const growth = this.#readValue(at, value, stop, this.#paths, undefined, 0);
          if (this.#edits.count > mark.pieces) this.#isInKey = true;
          return growth;
        }
        case "update":
          return this.#bytes[at] === DOCUMENT
            ? this.#readUpdate(value, stop)
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

  #readUpdate(start: number, limit: number): number {
    const bytes = this.#bytes;
    const last = documentEnd(bytes, start, limit) - 1;
    let growth = 0;
    for (let at = start + 4; at < last;) {
      const nameStop = nameEnd(bytes, at + 1, last);
      const value = nameStop + 1;
      const stop = value + elementSize(bytes, bytes[at]!, value, last);
      const name = NAME_DECODER.decode(bytes.subarray(at + 1, nameStop));
      if (name === "updatedFields") {
        growth += this.#readValue(at, value, stop, this.#paths, undefined, 1);
      } else if (NAME_LISTS.includes(name)) growth += this.#readNames(at, value, stop);
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
  #readNames(at: number, start: number, limit: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== ARRAY && bytes[at] !== DOCUMENT) return 0;
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
    return 0;
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

/** One event without the fields with these paths: itself where it has none of them. */
export function withoutFields(event: Uint8Array, paths: readonly string[]): Uint8Array {
  const redactor = new EventRedactor(Redaction.from(paths));
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
