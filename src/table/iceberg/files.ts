import { MADE_ANEW, type TableFault, tableFault, unreadableFault } from "../table_log.ts";
import type { TableStore } from "../table_store.ts";

/** Where the objects and the files of tables lie. */
export interface IcebergStore extends Omit<TableStore, "head"> {
  /** How engines name the place: `s3://bucket/prefix`. */
  readonly url: string;
}

export function metadataFolder(folder: string): string {
  return `${folder}/metadata/`;
}

const SEQUENCE_DIGITS = 10;

/** Of a list of manifests, or of a manifest where `part` says which: the name says at which change of the table it was made. */
export function avroKey(folder: string, sequence: bigint, id: string, part?: string): string {
  const digits = String(sequence).padStart(SEQUENCE_DIGITS, "0");
  return `${metadataFolder(folder)}${digits}-${id}${part === undefined ? "" : `-${part}`}.avro`;
}

const AVRO_NAME = /\/metadata\/(\d{10})-[0-9a-f-]{36}(-m\d+)?\.avro$/;

/** At which change an Avro file of ours was made; undefined of others. */
export function sequenceOfKey(key: string): bigint | undefined {
  const [, digits] = AVRO_NAME.exec(key) ?? [];
  return digits === undefined ? undefined : BigInt(digits);
}

/** Whether it is a list of manifests, and not one of these. */
export function isListKey(key: string): boolean {
  return sequenceOfKey(key) !== undefined && !/-m\d+\.avro$/.test(key);
}

export function urlOf({ url }: Pick<IcebergStore, "url">, key: string): string {
  return `${url}/${key}`;
}

/** The key of a URL as whichever engine writes it; undefined of what lies elsewhere. */
export function keyOf({ url: root }: Pick<IcebergStore, "url">, url: string): string | undefined {
  const [place, plain] = [root, url].map((each) =>
    each.replace(/^s3[an]:/, "s3:").replace(/^file:\/*/, "file:///")
  ) as [string, string];
  return plain.startsWith(`${place}/`) ? plain.slice(place.length + 1) : undefined;
}

/** `next`: what to do. */
export function elsewhereFault(
  folder: string,
  { url, what }: { readonly url: string; readonly what: string },
  next: string,
): TableFault {
  return tableFault(
    folder,
    `${what} lies elsewhere (${url}), as of a lake that was copied; ${next}`,
  );
}

/** What a file of a table says, by `read`; `what` names it: "its list of manifests". */
export async function readFileOf<T>(
  store: IcebergStore,
  folder: string,
  { url, what }: { readonly url: string; readonly what: string },
  read: (bytes: Uint8Array<ArrayBuffer>) => T,
): Promise<T> {
  const key = keyOf(store, url);
  if (key === undefined) throw elsewhereFault(folder, { url, what }, MADE_ANEW);
  const bytes = await store.get(key);
  if (bytes === undefined) throw tableFault(folder, `${what} is gone (${url}); ${MADE_ANEW}`);
  try {
    return read(bytes);
  } catch (error) {
    throw unreadableFault(folder, `${what} ${url}`, error);
  }
}
