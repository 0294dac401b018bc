/** Names of files have ids: eight or more hexadecimal digits, a digit among them. */
const IDS = /\b(?=[a-f]*\d)[0-9a-f]{8,}\b/g;

/** A reason without what differs from stream to stream, names, ids and numbers: what is left tells faults apart. */
export function withoutStream(reason: string, stream: string): string {
  const bare = stream.replace(/^\w+:/, "").replace(/ \d+\/\d+$/, "");
  const named = reason.replaceAll(stream, "");
  const general = bare === "" ? named : withoutName(named, bare);
  return general.replace(IDS, "0").replace(/\d+/g, "0");
}

/** Keys have a collection's database and name in folders of their own: `db=shop/coll=orders/`. */
function withoutName(text: string, bare: string): string {
  const dot = bare.indexOf(".");
  const [database, collection] = [bare.slice(0, dot), bare.slice(dot + 1)];
  const folders = dot < 0
    ? text
    : text.replaceAll(`db=${database}/coll=${collection}/`, "").replaceAll(
      `${database}/${collection}/`,
      "",
    );
  return folders.replaceAll(bare, "");
}
