import {
  arrayOf,
  mapOf,
  objectOf,
  oneOf,
  openObjectOf,
  text,
  wholeNumber,
} from "../../support/json_shape.ts";
import { MADE_ANEW, tableFault, unreadableFault } from "../table_log.ts";
import { compactionsFolder, type RecordStore } from "./compaction_record.ts";

/** What a table had from the first commit on, before it had come anywhere in the journals. */
export interface Beginning {
  readonly v: 1;
  readonly compactions: readonly BeginningPart[];
}

export interface BeginningPart {
  /** Of a compaction whose output the table had. */
  readonly id: string;
  /** By journal, between which of its records the inputs lie, both included. */
  readonly streams: Readonly<Record<string, { readonly from: number; readonly to: number }>>;
}

function beginningKey(folder: string, id: string): string {
  return `${compactionsFolder(folder)}begun/${id}.json`;
}

/** `id` is nobody else's. */
export async function putBeginning(
  store: Pick<RecordStore, "putIfAbsent">,
  folder: string,
  id: string,
  beginning: Beginning,
): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(beginning));
  await store.putIfAbsent(beginningKey(folder, id), bytes, { contentType: "application/json" });
}

/** @throws {TableFault} where it is gone or cannot be read: what the table has then nobody knows. */
export async function readBeginning(
  store: Pick<RecordStore, "get">,
  folder: string,
  id: string,
): Promise<Beginning> {
  const key = beginningKey(folder, id);
  const bytes = await store.get(key);
  if (bytes === undefined) {
    throw tableFault(folder, `what it has begun with is gone ("${key}"); ${MADE_ANEW}`);
  }
  try {
    return beginningShape(JSON.parse(new TextDecoder().decode(bytes)), "", "left-out");
  } catch (error) {
    throw unreadableFault(folder, `what it has begun with ("${key}")`, error);
  }
}

const beginningShape = openObjectOf<Beginning>({
  v: oneOf(1),
  compactions: arrayOf(openObjectOf<BeginningPart>({
    id: text(),
    streams: mapOf(objectOf({ from: wholeNumber(0), to: wholeNumber(0) })),
  })),
});
