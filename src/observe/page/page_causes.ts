/** What is wrong, once: a banner for each cause, or one line that says that all is well. Plain JavaScript. */
export const CAUSES_SCRIPT = `
/** Of more streams, the first are named; the table has them all. */
const NAMES_MAX = 50;
/** Of more causes, the worst are shown at first. */
const CAUSES_MAX = 3;
const SEVERITIES = { critical: ["bad", "Problem"], warning: ["warn", "Warning"], info: ["", "Note"] };
const causeItems = new Map();
let areAllCausesShown = false;

function showCauses(status) {
  const { causes } = status;
  const ids = new Set(causes.map((cause) => cause.id));
  for (const [id, item] of causeItems) {
    if (!ids.has(id)) { item.li.remove(); causeItems.delete(id); }
  }
  const list = byId("cause-list");
  causes.forEach((cause, i) => {
    const item = causeItems.get(cause.id) || newCause(cause);
    showCause(item, cause, status);
    if (list.children[i] !== item.li) list.insertBefore(item.li, list.children[i] || null);
  });
  byId("causes").hidden = causes.length === 0;
  // One that is alone behind the button might as well be shown.
  const shown = areAllCausesShown || causes.length === CAUSES_MAX + 1 ? causes.length : CAUSES_MAX;
  causes.forEach((cause, i) => causeItems.get(cause.id).li.hidden = i >= shown);
  byId("more-causes").hidden = causes.length <= shown;
  setText(byId("more-causes"), "Show " + (causes.length - shown) + " more");
  const verdict = verdictOf(status);
  byId("verdict").hidden = verdict === "";
  setText(byId("verdict"), verdict);
}
byId("more-causes").addEventListener("click", () => {
  areAllCausesShown = true;
  showCauses(last);
});
function newCause(cause) {
  const li = make("li");
  const head = make("p", "cause-head", li);
  const item = { li, pill: make("span", "", head), text: make("strong", "", head), since: make("span", "since", head) };
  item.next = make("p", "next", li);
  setText(make("b", "", item.next), "Next: ");
  item.step = make("span", "", item.next);
  item.details = make("details", "", li);
  item.summary = make("summary", "", item.details);
  item.names = make("p", "names", item.details);
  item.filter = make("button", "", item.details);
  item.filter.type = "button";
  setText(item.filter, "Show them alone in the table");
  item.filter.addEventListener("click", () => {
    changeView({ group: "cause:" + cause.id });
    byId("streams").focus();
    byId("streams").scrollIntoView();
  });
  causeItems.set(cause.id, item);
  return item;
}
function showCause(item, cause, status) {
  const [tone, word] = SEVERITIES[cause.severity] || SEVERITIES.warning;
  setClass(item.li, "cause " + tone);
  showPill(item.pill, [tone, word]);
  setProse(item.text, cause.text);
  setText(item.since, cause.since === null ? "" :
    "since " + timeOfDay(cause.since, status.at) + ", " + ago(cause.since, status.at));
  setProse(item.step, cause.next);
  item.next.hidden = cause.next === "";
  const count = cause.streams.length;
  item.details.hidden = count === 0;
  setText(item.summary, count === status.streams.length && count > 1 ? "All " + number(count) + " streams are affected"
    : plural(count, "stream is affected", "streams are affected"));
  const isMember = membersOf(cause);
  const names = status.streams.filter(isMember).map((stream) => stream.name);
  // Streams that this instance does not know are named as they were told.
  const told = names.length === 0 ? cause.streams : names;
  setText(item.names, told.slice(0, NAMES_MAX).join(", ") +
    (told.length > NAMES_MAX ? ", and " + (told.length - NAMES_MAX) + " more" : ""));
  item.filter.hidden = names.length === 0;
}

/** One sentence for the case that nothing is wrong. */
function verdictOf(status) {
  const { streams, causes } = status;
  if (causes.some((cause) => cause.severity !== "info") || streams.length === 0 || status.status !== "healthy" || streams.some(isInTrouble)) return "";
  const paused = streams.filter(GROUPS.paused[1]).length;
  const opening = streams.filter((s) => s.condition === "opening" || s.condition === "elsewhere").length;
  const oldest = worst(streams.filter((s) => s.condition !== "paused"), lakeLagOf, (a, b) => a > b);
  const read = streams.length - paused - opening;
  return [
    read === 0 ? "" : (opening === 0 ? "All is well: " : "") + plural(read, "stream is", "streams are") + " read" +
      (oldest === null || opening > 0 ? "." : ", and all that happened up to " + duration(lakeLagOf(oldest)) + " ago is in the lake."),
    opening === 0 ? "" : plural(opening, "stream is", "streams are") + " being opened.",
    paused === 0 ? "" : plural(paused, "stream is", "streams are") + " paused.",
  ].filter((text) => text !== "").join(" ");
}
`;
