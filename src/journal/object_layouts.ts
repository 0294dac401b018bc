import { TransientError } from "../model/errors.ts";
import type { Layout, LayoutIntent } from "../model/layout.ts";
import type { Layouts } from "../pipeline/ports.ts";
import { listAll } from "../support/flow/list_all.ts";
import { objectOf, oneOf, wholeNumber } from "../support/json_shape.ts";
import { type JournalStore, JSON_CONTENT } from "./object_journal.ts";
import { POSITION } from "./codec/position_shape.ts";
import { decodeFile, encodeFile, type FileForm } from "./codec/versioned_json.ts";

/** The version of layout files that this program writes. */
const LAYOUT_VERSION = 1;

type File<T> = T & { readonly v: typeof LAYOUT_VERSION };

const LAYOUT_FILE: FileForm<File<Layout>> = {
  what: "the layout",
  versions: [LAYOUT_VERSION],
  shape: objectOf<File<Layout>>({
    v: oneOf(LAYOUT_VERSION),
    epoch: wholeNumber(1),
    of: wholeNumber(0),
    barrier: POSITION,
  }),
};

const INTENT_FILE: FileForm<File<LayoutIntent>> = {
  what: "the layout's intent",
  versions: [LAYOUT_VERSION],
  shape: objectOf<File<LayoutIntent>>({
    v: oneOf(LAYOUT_VERSION),
    epoch: wholeNumber(1),
    of: wholeNumber(0),
  }),
};

/** The layouts beside the journals, `_tributary/layout/{target}/{epoch}.json`, each written once. */
export function createObjectLayouts(store: JournalStore): Layouts {
  return {
    read: (target, epoch) => read(store, LAYOUT_FILE, layoutKey(target, epoch)),
    readIntent: (target, epoch) => read(store, INTENT_FILE, intentKey(target, epoch)),
    newestEpochs: () => newestEpochs(store),
    put: (target, layout) => put(store, LAYOUT_FILE, layoutKey(target, layout.epoch), layout),
    putIntent: (target, intent) => put(store, INTENT_FILE, intentKey(target, intent.epoch), intent),
  };
}

/** The folder in which each target has its own. */
const LAYOUTS_FOLDER = "_tributary/layout/";

function layoutKey(target: string, epoch: number): string {
  return `${LAYOUTS_FOLDER}${target}/${epoch}.json`;
}

function intentKey(target: string, epoch: number): string {
  return `${LAYOUTS_FOLDER}${target}/${epoch}.intent.json`;
}

/** The target and the epoch of a layout's or an intent's key, without the folder. */
const LAYOUT_PATH = /^([^/]+)\/([1-9][0-9]*)(?:\.intent)?\.json$/;

async function newestEpochs(store: JournalStore): Promise<Map<string, number>> {
  const newest = new Map<string, number>();
  for (const key of await listAll(store, LAYOUTS_FOLDER)) {
    const [, target = "", epoch = ""] = LAYOUT_PATH.exec(key.slice(LAYOUTS_FOLDER.length)) ?? [];
    const known = newest.get(target) ?? 0;
    if (target !== "" && Number(epoch) > known) newest.set(target, Number(epoch));
  }
  return newest;
}

async function read<T>(
  store: JournalStore,
  form: FileForm<File<T>>,
  key: string,
): Promise<T | undefined> {
  const bytes = await store.get(key);
  if (bytes === undefined) return undefined;
  const { v: _, ...value } = decodeFile(form, bytes, key);
  return value as T;
}

/** The first one written counts, ours or another's. */
async function put<T>(
  store: JournalStore,
  form: FileForm<File<T>>,
  key: string,
  value: T,
): Promise<T> {
  const bytes = encodeFile(form, { v: LAYOUT_VERSION, ...value } as File<T>);
  if (await store.putIfAbsent(key, bytes, JSON_CONTENT) === "created") return value;
  const earlier = await read(store, form, key);
  if (earlier !== undefined) return earlier;
  throw new TransientError(`Cannot write "${key}": it is said to exist, but cannot be read`);
}
