import { WHY_ALONE } from "../status/reading.ts";

/** By which change streams streams are read. Plain JavaScript. */
export const READING_SCRIPT = `
const WHY_ALONE = ${JSON.stringify(WHY_ALONE)};
/** Reasons that somebody may want to do something about. */
const ALONE_IN_TROUBLE = ["slow", "failed", "rights"];
const READERS_SHOWN = 8;
const ALONE_NAMES_SHOWN = 3;

/** An instance of an older version does not tell. */
function showReading(status) {
  const { changeStreams = 0, shared = [], alone = [], waiting = 0 } = status.reading || {};
  byId("reading").hidden = changeStreams === 0;
  const apart = streamsOf(alone);
  setText(byId("reading-note"), plural(streamsOf(shared) + apart, "stream of this instance is", "streams of this instance are") +
    " read by " + number(changeStreams) + (apart === 0 ? "" : ", " + number(apart) + " alone"));
  const rest = shared.slice(READERS_SHOWN);
  showList(byId("reader-list"), [
    ...shared.slice(0, READERS_SHOWN).map(({ watched, streams }) => readerItem(watchedText(watched), streams)),
    ...(rest.length === 0 ? [] : [readerItem(number(rest.length) + " more", streamsOf(rest))]),
    ...alone.map(aloneItem),
    ...(waiting === 0 ? [] : [{
      name: plural(waiting, "stream waits", "streams wait"), note: "for a place among those that are read alone", pill: ["warn", "waiting"],
    }]),
  ]);
}
function streamsOf(readers) {
  return readers.reduce((sum, { streams }) => sum + streams, 0);
}
function readerItem(name, streams) {
  return { name, note: plural(streams, "stream", "streams") };
}
function aloneItem({ reason, why, streams, names }) {
  const shown = names.slice(0, ALONE_NAMES_SHOWN).map((name) => name.replace(/^collection:/, ""));
  const more = streams - shown.length;
  return {
    name: shown.join(", ") + (more === 0 ? "" : " and " + number(more) + " more"),
    note: (streams === 1 ? "" : "each ") + "because " + why,
    pill: [ALONE_IN_TROUBLE.includes(reason) ? "warn" : "idle", "alone"],
  };
}
function watchedText(watched) {
  if (watched === null) return "Being opened";
  return watched === "collection" ? "One collection" : watched[0].toUpperCase() + watched.slice(1);
}

/** By what one stream is read, in words. */
function readerText(reader) {
  if (!reader) return null;
  if (reader.alone !== null) return "a change stream of its own, because " + (WHY_ALONE[reader.alone] || reader.alone);
  if (reader.streams === 1) return "a change stream of its own";
  return "one change stream with " + plural(reader.streams - 1, "other", "others") + (reader.watched === null ? "" : ", of the " + reader.watched);
}
`;
