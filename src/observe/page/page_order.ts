/**
 * Which streams the page shows, in which order, and how that is written into its address. Plain JavaScript for browsers;
 * touches nothing, so that it can be tested.
 */
export const ORDER_SCRIPT = `
/** Further behind than this is trouble; the server says what is. */
let limits = { lagSeconds: 300, lakeLagSeconds: 330 };
const OPLOG_SHARE_MIN = 0.1;

const CONDITIONS = {
  running: ["good", "running"], opening: ["", "opening"], waiting: ["warn", "trying again"],
  failed: ["bad", "failed"], paused: ["idle", "paused"], elsewhere: ["idle", "held"],
  free: ["warn", "nobody has it"], stopped: ["idle", "stopped"], closed: ["idle", "closed"],
};
/** The worst first. */
const CONDITION_ORDER = ["failed", "waiting", "free", "opening", "paused", "stopped", "closed", "elsewhere", "running"];

function conditionOf(stream) {
  if (stream.condition === "running" && isBehind(stream)) return ["warn", "behind"];
  return CONDITIONS[stream.condition] || ["", stream.condition];
}
/** How old the lake is for this stream. An older version does not tell: then, what is sure. */
function lakeLagOf(stream) {
  if (stream.lakeLagSeconds !== undefined && stream.lakeLagSeconds !== null) return stream.lakeLagSeconds;
  const isStored = stream.bufferedEvents === 0 && stream.lagSeconds !== null;
  return isStored ? stream.lagSeconds : stream.positionAgeSeconds;
}
function isInTrouble(stream) {
  return ["failed", "waiting", "free"].includes(stream.condition) || stream.error !== null;
}
function isBehind(stream) {
  return lakeLagOf(stream) > limits.lakeLagSeconds || isReadLate(stream);
}
function isReadLate(stream) {
  return stream.lagSeconds > limits.lagSeconds;
}
function isShortOfOplog(stream, windowSeconds) {
  const left = stream.oplogHeadroomSeconds;
  return left !== null && windowSeconds !== null && left < windowSeconds * OPLOG_SHARE_MIN;
}

const GROUPS = {
  all: ["All", () => true],
  trouble: ["With trouble", isInTrouble],
  behind: ["Behind", (stream) => isBehind(stream) && stream.condition !== "paused"],
  paused: ["Paused", (stream) => stream.condition === "paused"],
  well: ["Well", (stream) => !isInTrouble(stream) && !isBehind(stream) && stream.condition !== "paused"],
};

/** What each order goes by, and whether most comes first when it is chosen. */
const SORTS = {
  state: [(stream) => {
    const place = CONDITION_ORDER.indexOf(stream.condition);
    // A stream that runs and has an error is worse than one that was paused.
    return (isInTrouble(stream) ? 0 : 20) + (place < 0 ? CONDITION_ORDER.length : place);
  }, false],
  name: [(stream) => stream.name, false],
  lake: [lakeLagOf, true],
  lag: [(stream) => stream.lagSeconds, true],
  rate: [(stream) => stream.rate, true],
  oplog: [(stream) => stream.oplogHeadroomSeconds, false],
  stored: [(stream) => stream.events, true],
  instance: [(stream) => stream.owner, false],
};

/** orders_2 before orders_10. */
const nameOrder = new Intl.Collator("en", { numeric: true });

/** Streams in the order that \`view\` wants; what is not known comes last, whichever way it goes. */
function inOrder(streams, view) {
  const [valueOf] = SORTS[view.sort];
  const sign = view.descending ? -1 : 1;
  return streams.map((stream) => [valueOf(stream), stream]).sort(([a, s], [b, t]) => {
    const missing = isNothing(a) - isNothing(b);
    if (missing !== 0) return missing;
    if (!isNothing(a) && a !== b) return typeof a === "string" ? sign * nameOrder.compare(a, b) : a < b ? -sign : sign;
    return nameOrder.compare(s.name, t.name);
  }).map(([, stream]) => stream);
}

/** Those whose name or instance has all words of the filter, in the group or under the cause that is chosen. */
function wantedOf(streams, view, causes) {
  const words = view.text.toLowerCase().split(/\\s+/);
  const cause = causeOf(view, causes);
  const isMember = cause ? membersOf(cause) : (GROUPS[view.group] || GROUPS.all)[1];
  return streams.filter((stream) => {
    const text = (stream.name + " " + (stream.owner || "")).toLowerCase();
    return isMember(stream) && words.every((word) => text.includes(word));
  });
}
function causeOf(view, causes) {
  return causes.find((cause) => "cause:" + cause.id === view.group);
}
function membersOf(cause) {
  const names = new Set(cause.streams);
  return (stream) => names.has(stream.key) || names.has(stream.name);
}

/** What is in the page's address behind the #; what is usual is left out. */
function viewToHash(view) {
  const parts = new URLSearchParams();
  if (view.text !== "") parts.set("find", view.text);
  if (view.group !== "all") parts.set("show", view.group);
  if (view.sort !== "state" || view.descending) parts.set("sort", (view.descending ? "-" : "") + view.sort);
  if (view.open.length > 0) parts.set("open", view.open.join());
  return parts.toString();
}
function hashToView(hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const sort = parts.get("sort") || "state";
  const name = sort.replace(/^-/, "");
  const group = parts.get("show") || "all";
  const isGroup = Object.hasOwn(GROUPS, group) || group.startsWith("cause:");
  return {
    text: (parts.get("find") || "").slice(0, 200),
    group: isGroup ? group : "all",
    sort: Object.hasOwn(SORTS, name) ? name : "state",
    descending: Object.hasOwn(SORTS, name) && sort.startsWith("-"),
    open: (parts.get("open") || "").split(",").filter((id) => /^[a-z]+$/.test(id)).slice(0, 10),
  };
}
/** A click on what is already in order turns it round. */
function sortedBy(view, sort) {
  const descending = view.sort === sort ? !view.descending : SORTS[sort][1];
  return { ...view, sort, descending };
}
`;
