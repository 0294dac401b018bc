/** Services, instances and the times of stages. Plain JavaScript. */
export const LISTS_SCRIPT = `
const FLEET_OLD_SECONDS = 20;
const STATES = {
  healthy: ["good", "healthy"], degraded: ["warn", "degraded"], stuck: ["bad", "stuck"],
  unhealthy: ["bad", "away"], unknown: ["", "not known yet"],
};
const INSTANCE_STATES = {
  running: ["good", "running"], standby: ["idle", "stands by"], waiting: ["warn", "waiting"],
  failed: ["bad", "failed"], leaving: ["idle", "stopping"], silent: ["bad", "silent"],
};
const SERVICE_NAMES = { mongodb: "MongoDB", redis: "Redis", destination: "Destination" };
const STAGE_NAMES = {
  read_wait: "Wait for events", encode_wait: "Wait for an encoder", encode: "Encode",
  append: "Append to the journal", put: "Store an object",
};

function showPill(element, [tone, text]) {
  setClass(element, "pill " + tone);
  setText(element, text);
}
/** Made anew where something in it has changed. */
function showList(list, items) {
  const key = JSON.stringify(items);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...items.map(({ name, href, note, pill, why }) => {
    const li = make("li");
    const title = make("span", "name", li);
    const inner = href ? make("a", "", title) : title;
    if (href) { inner.href = href; inner.rel = "noreferrer"; }
    setText(inner, name);
    setText(make("span", "quiet", li), note);
    if (pill) showPill(make("span", "", li), pill);
    if (why) setText(make("span", "why", li), why);
    return li;
  }));
}
function showServices(status) {
  showList(byId("services"), status.dependencies.map((service) => ({
    name: SERVICE_NAMES[service.name] || service.name,
    note: "for " + duration(secondsBetween(service.since, status.at)),
    pill: STATES[service.state] || ["", service.state],
    why: service.reason,
  })));
}
function showInstances(status) {
  const age = status.fleetAt === null ? 0 : secondsBetween(status.fleetAt, status.at);
  const versions = new Set(status.instances.map((instance) => instance.version));
  const notes = [
    age < FLEET_OLD_SECONDS ? "" : "Of the others, what was known " + duration(age) + " ago is shown.",
    versions.size < 2 ? "" : versions.size + " versions run.",
  ].filter((note) => note !== "");
  byId("fleet-note").hidden = notes.length === 0;
  setText(byId("fleet-note"), notes.join(" "));
  showList(byId("instances"), status.instances.map((instance) => ({
    name: instance.name,
    href: instance.self ? null : reachable(instance.address),
    note: [
      instance.self ? "this one" : null,
      instance.silentSince ? "silent for " + duration(secondsBetween(instance.silentSince, status.at)) : null,
      plural(instance.streams, "stream", "streams"),
      "version " + instance.version,
      // An older version does not tell.
      instance.startedAt ? "up for " + duration(secondsBetween(instance.startedAt, status.at)) : null,
      instance.changeStreams ? plural(instance.changeStreams, "change stream", "change streams") : null,
    ].filter((part) => part !== null).join(", "),
    pill: INSTANCE_STATES[instance.state] || (instance.leaving ? INSTANCE_STATES.leaving : null),
  })));
}
/** The address of a page, unless it is one that another machine has for itself alone. */
function reachable(address) {
  if (!address || !/^https?:/.test(address)) return null;
  const isLocal = (host) => /^(localhost|127[.].*|\\[::1\\])$/.test(host);
  try {
    const { hostname, href } = new URL(address);
    return isLocal(hostname) && !isLocal(location.hostname) ? null : href;
  } catch {
    return null;
  }
}

function showStages(status) {
  const stages = status.stages || [];
  const put = stages.find((stage) => stage.stage === "put");
  setText(byId("stages-note"), put && put.turns > 0
    ? "an object is stored in " + milliseconds(put.medianMs) + " (median)" : "nothing was stored in the last 5 minutes");
  if (!byId("stages").open) return;
  const key = JSON.stringify(stages);
  if (byId("stage-rows").dataset.key === key) return;
  byId("stage-rows").dataset.key = key;
  byId("stage-rows").replaceChildren(...stages.map((stage) => {
    const tr = make("tr");
    const head = make("th", "", tr);
    head.scope = "row";
    setText(head, STAGE_NAMES[stage.stage] || stage.stage);
    for (const text of [number(stage.turns), ...[stage.meanMs, stage.medianMs, stage.p95Ms, stage.longestMs].map(milliseconds)]) {
      setText(make("td", "number", tr), text);
    }
    return tr;
  }));
}
`;
