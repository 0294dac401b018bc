/** What somebody chose to see: filter, group, order, and what is open; kept in the page's address. Plain JavaScript. */
export const VIEW_SCRIPT = `
const FILTER_FROM = 10;
let view = hashToView(location.hash);

/** Takes up what was chosen, in the address, in the controls and in the table. */
function changeView(change) {
  view = { ...view, ...change };
  const hash = viewToHash(view);
  history.replaceState(null, "", hash === "" ? location.pathname + location.search : "#" + hash);
  showView();
  if (last !== null) showStreams(last);
}
function showView() {
  if (byId("filter").value !== view.text) byId("filter").value = view.text;
  byId("sort").value = (view.descending ? "-" : "") + view.sort;
  for (const th of document.querySelectorAll("th[data-sort]")) {
    if (th.dataset.sort !== view.sort) th.removeAttribute("aria-sort");
    else th.setAttribute("aria-sort", view.descending ? "descending" : "ascending");
  }
  if (last !== null) showGroups(last);
}
/** A button for each group that has streams. */
function showGroups(status) {
  const { streams } = status;
  const cause = causeOf(view, status.causes);
  const chosen = cause || view.group !== "all" && GROUPS[view.group] ? view.group : "all";
  const groups = Object.entries(GROUPS)
    .map(([id, [name, isMember]]) => ({ id, name, count: streams.filter(isMember).length }))
    .filter(({ id, count }) => id === chosen || id === "all" || count > 0);
  if (cause) groups.push({ id: chosen, name: cause.text, count: streams.filter(membersOf(cause)).length });
  const isUseful = streams.length >= FILTER_FROM || chosen !== "all" || view.text !== "";
  byId("controls").hidden = !isUseful;
  const key = JSON.stringify([groups, chosen]);
  const holder = byId("groups");
  if (holder.dataset.key === key) return;
  holder.dataset.key = key;
  const had = document.activeElement.dataset.group;
  holder.replaceChildren(...groups.map(({ id, name, count }) => {
    const button = make("button");
    button.type = "button";
    button.dataset.group = id;
    button.setAttribute("aria-pressed", String(id === chosen));
    setText(button, name + " ");
    setText(make("span", "count", button), number(count));
    button.addEventListener("click", () => changeView({ group: id }));
    if (id === had) queueMicrotask(() => button.focus());
    return button;
  }));
}

byId("filter").addEventListener("input", (event) => changeView({ text: event.target.value }));
byId("sort").addEventListener("change", ({ target: { value } }) =>
  changeView({ sort: value.replace("-", ""), descending: value.startsWith("-") }));
for (const button of document.querySelectorAll("th[data-sort] button")) {
  button.addEventListener("click", () => changeView(sortedBy(view, button.parentElement.dataset.sort)));
}
for (const details of document.querySelectorAll("details[id]")) {
  details.open = view.open.includes(details.id);
  details.addEventListener("toggle", () => {
    const others = view.open.filter((id) => id !== details.id);
    changeView({ open: details.open ? [...others, details.id] : others });
    if (last !== null) showStages(last);
  });
}
// Somebody changed the address, or came here by a link.
addEventListener("hashchange", () => {
  view = hashToView(location.hash);
  showView();
  if (last !== null) showStreams(last);
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("streams").focus();
});
`;
