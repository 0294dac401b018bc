/** How the page writes numbers and times. Plain JavaScript for browsers; touches nothing, so that it can be tested. */
export const FORMAT_SCRIPT = `
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

function number(value) {
  if (isNothing(value)) return "-";
  return value < 10000 ? whole.format(value) : compact.format(value);
}
function perSecond(value) {
  return value > 0 && value < 10 ? value.toFixed(1) : number(value);
}
function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit++; }
  return (unit === 0 || value >= 100 ? whole.format(value) : value.toFixed(1)) + " " + units[unit];
}
function plural(count, one, many) {
  return number(count) + " " + (count === 1 ? one : many);
}

/** As a person says it: one unit, or two where the larger alone would be too coarse. */
function duration(seconds) {
  if (isNothing(seconds)) return "-";
  if (seconds < 90) return whole.format(Math.max(0, seconds)) + " s";
  if (seconds < 5400) return whole.format(seconds / 60) + " min";
  if (seconds < 36000) return twoUnits(Math.round(seconds / 60), 60, "h", "min");
  if (seconds < 172800) return whole.format(seconds / 3600) + " h";
  if (seconds < 864000) return twoUnits(Math.round(seconds / 3600), 24, "d", "h");
  return whole.format(seconds / 86400) + " d";
}
function twoUnits(count, size, large, small) {
  const rest = count % size;
  return (count - rest) / size + " " + large + (rest === 0 ? "" : " " + rest + " " + small);
}
function milliseconds(ms) {
  if (isNothing(ms)) return "-";
  if (ms < 10) return ms.toFixed(1) + " ms";
  return ms < 1000 ? whole.format(ms) + " ms" : ms < 90000 ? (ms / 1000).toFixed(1) + " s" : duration(ms / 1000);
}
function secondsBetween(iso, nowIso) {
  return Math.max(0, (Date.parse(nowIso) - Date.parse(iso)) / 1000);
}
function ago(iso, nowIso) {
  return duration(secondsBetween(iso, nowIso)) + " ago";
}

/** The time of day where the reader is; with the date, if it is another day than \`nowIso\`. */
function timeOfDay(iso, nowIso, withSeconds) {
  const at = new Date(iso);
  const day = (date) => date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", ...(withSeconds ? { second: "2-digit" } : {}) });
  return day(at) === day(new Date(nowIso)) ? time : day(at) + ", " + time;
}
function isNothing(value) {
  return value === null || value === undefined;
}
`;
