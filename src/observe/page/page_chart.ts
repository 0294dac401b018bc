/**
 * Lines of rates over time: drawn from the first point that is known to now, and read by pointer and by keyboard. Plain
 * JavaScript for browsers; the first functions touch nothing, so that they can be tested.
 */
export const CHART_SCRIPT = `
/** Where each value stands, in a drawing of 100 by 30. Values that end where the times end, and begin later. */
function chartPoints(values, secondsAgo) {
  const times = secondsAgo.slice(secondsAgo.length - values.length);
  const known = values.filter((value) => !isNothing(value));
  const most = Math.max(1, ...known);
  const span = Math.max(1, (times[0] || 0) - (times[times.length - 1] || 0));
  return values.map((value, i) => ({
    x: 100 - (times[i] - times[times.length - 1]) / span * 100,
    y: isNothing(value) ? null : 29 - value / most * 27,
    value,
    secondsAgo: times[i],
  }));
}
/** The line, and what is below it; broken where nothing is known. */
function chartPaths(points) {
  const runs = [[]];
  for (const point of points) {
    if (point.y === null) runs.push([]);
    else runs[runs.length - 1].push(point);
  }
  const place = ({ x, y }) => x.toFixed(2) + " " + y.toFixed(2);
  const drawn = runs.filter((run) => run.length > 1);
  const line = drawn.map((run) => "M" + run.map(place).join("L")).join("");
  const area = drawn.map((run) =>
    "M" + run[0].x.toFixed(2) + " 30L" + run.map(place).join("L") + "L" + run[run.length - 1].x.toFixed(2) + " 30Z"
  ).join("");
  return { line, area };
}
function nearestPoint(points, x) {
  let best = null;
  points.forEach((point, i) => {
    if (point.y !== null && (best === null || Math.abs(point.x - x) < Math.abs(points[best].x - x))) best = i;
  });
  return best;
}
/** The next point that is known, that many steps on. */
function stepFrom(points, index, step) {
  let next = index + step;
  while (points[next] && points[next].y === null) next += step;
  return points[next] ? next : index;
}
function pointText(point) {
  return perSecond(point.value) + " events a second, " +
    (point.secondsAgo < 3 ? "now" : duration(point.secondsAgo) + " ago");
}
function chartLabel(points) {
  const values = points.map((point) => point.value).filter((value) => !isNothing(value));
  return "the last " + duration(points[0].secondsAgo) + ": " + perSecond(Math.min(...values)) + " to " +
    perSecond(Math.max(...values)) + " events a second, now " + perSecond(values[values.length - 1]);
}

const SVG = "http://www.w3.org/2000/svg";
const charts = new WeakMap();

/** Draws the values into a holder; a large one can be read by keyboard too. */
function drawChart(holder, values, secondsAgo) {
  const points = chartPoints(values, secondsAgo);
  const { line, area } = chartPaths(points);
  const key = line + pointText(points[points.length - 1] || { value: null, secondsAgo: 0 });
  let chart = charts.get(holder);
  if (chart && chart.key === key) return;
  if (!chart) charts.set(holder, chart = newChart(holder));
  chart.key = key;
  chart.points = points;
  chart.line.setAttribute("d", line);
  chart.area.setAttribute("d", area);
  if (line === "") {
    holder.removeAttribute("role");
    holder.removeAttribute("aria-label");
    holder.removeAttribute("tabindex");
    return;
  }
  holder.setAttribute("role", "img");
  holder.setAttribute("aria-label", chartLabel(points));
  if (holder.classList.contains("large")) holder.tabIndex = 0;
  if (chart.at !== null) showPoint(holder, Math.min(chart.at, points.length - 1));
}
function newChart(holder) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 30");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const path = (className) => {
    const element = document.createElementNS(SVG, "path");
    element.setAttribute("class", className);
    svg.append(element);
    return element;
  };
  const chart = { area: path("area"), line: path("curve"), cursor: path("cursor"), points: [], at: null, key: "" };
  holder.replaceChildren(svg);
  holder.addEventListener("pointermove", (event) => {
    const box = holder.getBoundingClientRect();
    showPoint(holder, nearestPoint(chart.points, (event.clientX - box.left) / box.width * 100));
  });
  holder.addEventListener("pointerleave", () => hidePoint(holder));
  holder.addEventListener("focus", () => showPoint(holder, stepFrom(chart.points, chart.points.length, -1)));
  holder.addEventListener("blur", () => hidePoint(holder));
  holder.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") hidePoint(holder);
    if (step === undefined || chart.at === null) return;
    event.preventDefault();
    showPoint(holder, stepFrom(chart.points, chart.at, step));
  });
  return chart;
}
function showPoint(holder, index) {
  const chart = charts.get(holder);
  const point = index === null ? undefined : chart.points[index];
  if (!point || point.y === null) return hidePoint(holder);
  chart.at = index;
  chart.cursor.setAttribute("d", "M" + point.x.toFixed(2) + " 0V30");
  const tip = byId("tip");
  setText(tip, pointText(point));
  tip.hidden = false;
  const box = holder.getBoundingClientRect();
  const left = box.left + box.width * point.x / 100 - tip.offsetWidth / 2;
  const room = document.documentElement.clientWidth - tip.offsetWidth - 4;
  const above = box.top - tip.offsetHeight - 4;
  tip.style.left = Math.max(4, Math.min(room, left)) + "px";
  tip.style.top = (above < 4 ? box.bottom + 4 : above) + "px";
}
function hidePoint(holder) {
  const chart = charts.get(holder);
  if (chart.at === null) return;
  chart.at = null;
  chart.cursor.setAttribute("d", "");
  byId("tip").hidden = true;
}
`;
