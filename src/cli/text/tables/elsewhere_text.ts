/** Which objects of a collection its table does not have, and what brings their documents into it; empty where it has all. */
export function elsewhereText(
  { database, collection }: { readonly database: string; readonly collection: string },
  objects: number,
): string {
  if (objects === 0) return "";
  const what = objects === 1 ? "1 object" : `${objects} objects`;
  return `Not in it: ${what} in other folders or formats, of before or of an older copy; ` +
    `\`tributary snapshot start ${database}.${collection}\` reads the documents again into it\n`;
}
