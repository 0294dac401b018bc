/** The figures at the top: of all streams together, and of the worst. Plain JavaScript. */
export const TILES_SCRIPT = `
function showTiles(status) {
  const { streams, memory } = status;
  const rates = streams.map((stream) => stream.rate).filter((rate) => !isNothing(rate));
  setText(byId("rate"), rates.length ? perSecond(rates.reduce((sum, rate) => sum + rate, 0)) : "-");
  // One that is paused falls behind because somebody wants it so.
  const wanted = streams.filter((stream) => stream.condition !== "paused");
  const oldest = worst(wanted, lakeLagOf, (a, b) => a > b);
  showWorst("lake", oldest, lakeLagOf, isBehind);
  byId("lake-ago").hidden = oldest === null;
  const lagOf = (stream) => stream.lagSeconds;
  showWorst("lag", worst(wanted, lagOf, (a, b) => a > b), lagOf, isReadLate);
  const read = streams.filter((s) => s.condition === "running").length;
  setText(byId("read"), streams.length ? number(read) : "-");
  setText(byId("read-of"), "of " + number(streams.length));
  byId("read-of").hidden = streams.length === 0;
  const bad = streams.filter(isInTrouble).length;
  const paused = streams.filter((s) => s.condition === "paused").length;
  setText(byId("read-note"), [bad ? bad + " with trouble" : "", paused ? paused + " paused" : ""].filter((t) => t).join(", "));
  const leftOf = (stream) => stream.oplogHeadroomSeconds;
  showWorst("oplog", worst(streams, leftOf, (a, b) => a < b), leftOf, (s) => isShortOfOplog(s, status.oplogWindowSeconds));
  setText(byId("oplog-note"), status.oplogWindowSeconds === null ? "" : "of " + duration(status.oplogWindowSeconds));
  setText(byId("memory"), bytes(memory.bufferedBytes));
  setText(byId("memory-note"), "of " + bytes(memory.budgetBytes) + ", " + plural(memory.bufferedEvents, "event", "events"));
}
function showWorst(id, stream, valueOf, isAlarming) {
  setFigure(byId(id), stream === null ? "-" : duration(valueOf(stream)), stream !== null && isAlarming(stream));
  const note = byId(id + "-stream");
  if (!note) return;
  setText(note, stream === null ? "" : stream.name.replace(/^collection:/, ""));
  note.title = stream === null ? "" : stream.name;
}
`;
