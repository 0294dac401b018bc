/** The look of the page: calm in good times, clear in bad ones; by day, by night, on paper-narrow screens. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f5f7f6; --card: #ffffff; --ink: #17211e; --quiet: #586762; --line: #dfe6e3;
  --accent: #0d6e66; --tint: #d8eeea; --warn: #8a4b08; --warn-tint: #fdf0d8; --bad: #a61b1b; --bad-tint: #fde4e2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1514; --card: #161e1c; --ink: #e4ebe9; --quiet: #96a6a1; --line: #27322f;
    --accent: #6fd6c8; --tint: #17352f; --warn: #f3c173; --warn-tint: #362a13; --bad: #ffaba3; --bad-tint: #3b1b19;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 2.5rem); max-width: 88rem;
  background: var(--ground); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
h1, h2, p, dl, dd, ul { margin: 0; padding: 0; }
h1 { font-size: 1.25rem; font-weight: 650; letter-spacing: -0.01em; }
h1 span { margin-left: 0.35rem; color: var(--quiet); font-weight: 400; overflow-wrap: anywhere; }
h2 { font-size: 1rem; font-weight: 600; }
a { color: var(--accent); }
[hidden] { display: none !important; }
.quiet { color: var(--quiet); font-size: 0.8125rem; }
.hidden {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 0.5rem; padding: 0.25rem 0.75rem; background: var(--card); z-index: 1; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
#streams:focus { outline: none; }
header { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.5rem 1.5rem; }
.brand { display: flex; align-items: center; gap: 0.625rem; }
.mark { width: 1.75rem; height: 1.75rem; flex: none; fill: none; stroke: var(--accent); stroke-width: 2; stroke-linecap: round; }
.state { display: flex; align-items: center; gap: 0.75rem; }
.pill {
  display: inline-flex; align-items: center; gap: 0.4rem; padding: 0.125rem 0.625rem; border-radius: 1rem;
  background: var(--line); color: var(--quiet); font-size: 0.8125rem; font-weight: 550; white-space: nowrap;
}
.pill::before { content: ""; flex: none; width: 0.5rem; height: 0.5rem; border-radius: 50%; background: currentColor; }
.pill.good { background: var(--tint); color: var(--accent); }
.pill.warn { background: var(--warn-tint); color: var(--warn); }
.pill.warn::before { border-radius: 1px; transform: rotate(45deg); }
.pill.bad { background: var(--bad-tint); color: var(--bad); }
.pill.bad::before { border-radius: 0; }
.pill.idle::before { background: none; border: 1.5px solid currentColor; }
.notice, .empty { margin-top: 1rem; padding: 0.75rem 1rem; border-radius: 0.5rem; background: var(--warn-tint); color: var(--warn); }
.empty { padding: 2.5rem 1rem; text-align: center; background: var(--card); color: var(--quiet); border: 1px dashed var(--line); }
.stale main { opacity: 0.55; filter: grayscale(1); }
.stale .verdict { display: none; }
.verdict { margin-top: 1rem; padding: 0.625rem 1rem; border-radius: 0.5rem; background: var(--tint); color: var(--accent); }
.causes { list-style: none; margin: 1rem 0 0; padding: 0; display: grid; gap: 0.625rem; }
.cause { padding: 0.75rem 1rem; border-radius: 0.5rem; border-left: 4px solid var(--quiet); background: var(--card); overflow-wrap: anywhere; }
.cause.bad { background: var(--bad-tint); border-color: var(--bad); }
.cause.warn { background: var(--warn-tint); border-color: var(--warn); }
.cause .pill { background: none; padding: 0; color: inherit; vertical-align: baseline; }
.cause.bad .pill, .cause.bad summary { color: var(--bad); }
.cause.warn .pill, .cause.warn summary { color: var(--warn); }
code { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: 0.9375em; }
.cause-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.125rem 0.75rem; }
.cause-head strong { font-size: 1.0625rem; font-weight: 600; }
.cause .since { font-size: 0.875rem; }
.cause .next { margin-top: 0.25rem; }
.cause details { margin-top: 0.25rem; font-size: 0.875rem; }
.cause .names { margin: 0.25rem 0 0.5rem; }
.cause button { margin: 0 0 0.25rem; color: inherit; border-color: currentColor; }
summary { cursor: pointer; width: fit-content; max-width: 100%; }
section { margin-top: 1.75rem; }
.heading { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 0.5rem 1rem; margin-bottom: 0.625rem; }
.controls { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; min-width: 0; max-width: 100%; }
.groups { display: flex; flex-wrap: wrap; gap: 0.35rem; min-width: 0; max-width: 100%; }
.groups button { margin: 0; color: var(--ink); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 100%; }
.groups button[aria-pressed=true] { background: var(--tint); border-color: var(--accent); color: var(--accent); }
.groups .count { font-weight: 600; }
.sort { display: none; }
input, select { font: inherit; padding: 0.3rem 0.6rem; border: 1px solid var(--line); border-radius: 0.4rem; background: var(--card); color: inherit; }
.tiles { display: grid; gap: 0.75rem; grid-template-columns: 2fr repeat(5, 1fr); }
.tile { padding: 0.875rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; min-width: 0; }
.tile dt { color: var(--quiet); font-size: 0.8125rem; }
.tile dd { display: flex; flex-direction: column; }
.tile.wide dd { flex-direction: row; align-items: flex-end; gap: 1.25rem; }
.tile strong { font-size: 1.5rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.02em; }
.tile small { font-size: 0.8125rem; font-weight: 400; letter-spacing: 0; }
.tile .quiet { overflow-wrap: anywhere; }
.line { display: inline-block; width: 4.5rem; height: 1.5rem; vertical-align: middle; }
.line.large { flex: 1; display: block; width: auto; min-width: 6rem; height: 2.5rem; }
.line svg { display: block; width: 100%; height: 100%; overflow: visible; }
.line path { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.line path.area { fill: var(--tint); stroke: none; }
.line path.cursor { stroke: var(--quiet); stroke-width: 1; }
.tip {
  position: fixed; z-index: 2; top: 0; left: 0; padding: 0.25rem 0.625rem; border-radius: 0.4rem; pointer-events: none;
  background: var(--ink); color: var(--ground); font-size: 0.8125rem; white-space: nowrap;
}
table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; overflow: hidden; }
th { text-align: left; font-size: 0.8125rem; font-weight: 500; color: var(--quiet); }
th, td { padding: 0.5rem 0.6rem; border-bottom: 1px solid var(--line); vertical-align: middle; }
tbody tr:last-child > * { border-bottom: 0; }
th:first-child { padding-left: 1rem; }
thead button { margin: 0; padding: 0.1rem 0; border: 0; background: none; color: inherit; font-weight: inherit; white-space: nowrap; }
thead button::after { content: ""; display: inline-block; width: 0.9em; text-align: center; }
thead .number button::after { content: none; }
thead .number button::before { content: ""; display: inline-block; width: 0.9em; text-align: center; }
thead button:hover { background: none; text-decoration: underline; }
th[aria-sort] { color: var(--ink); font-weight: 600; }
th[aria-sort=ascending]:not(.number) button::after, th[aria-sort=ascending].number button::before { content: "\\2191"; }
th[aria-sort=descending]:not(.number) button::after, th[aria-sort=descending].number button::before { content: "\\2193"; }
.number { text-align: right; white-space: nowrap; }
tbody th { font-size: 0.9375rem; font-weight: 550; color: var(--ink); overflow-wrap: anywhere; min-width: 11rem; }
button.name { display: block; margin: 0; padding: 0 0 0 1rem; text-indent: -1rem; border: 0; background: none; color: inherit; font-size: inherit; font-weight: inherit; text-align: left; overflow-wrap: anywhere; }
button.name:hover { background: none; text-decoration: underline; }
button.name::before { content: ""; display: inline-block; width: 0.4rem; height: 0.4rem; margin: 0 0.6rem 0.125rem 0; border: solid var(--quiet); border-width: 0 1.5px 1.5px 0; transform: rotate(-45deg); vertical-align: middle; }
button.name[aria-expanded=true]::before { transform: rotate(45deg); }
.level { color: var(--quiet); font-weight: 400; }
.error { display: block; margin-top: 0.125rem; padding-left: 1rem; color: var(--bad); font-size: 0.8125rem; font-weight: 400; max-width: 70ch; overflow-wrap: anywhere; }
.rate .line { margin-left: 0.75rem; }
.owner { max-width: 12rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.alarm { color: var(--bad); font-weight: 600; }
.orders { white-space: nowrap; text-align: right; }
.readonly .orders { display: none; }
tr.open > * { border-bottom-color: transparent; }
tr.more td { padding: 0 1rem 1rem 2rem; }
tr.more .line { height: 4rem; margin-bottom: 0.5rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 0.375rem 1.5rem; font-size: 0.875rem; }
.facts div { display: flex; gap: 0.75rem; min-width: 0; }
.facts dt { flex: none; width: 9.5rem; color: var(--quiet); }
.facts dd { min-width: 0; overflow-wrap: anywhere; }
.facts .wide { grid-column: 1 / -1; }
.facts .alarm { font-weight: 400; }
.rest { margin-top: 0.625rem; color: var(--quiet); }
button { font: inherit; font-size: 0.8125rem; padding: 0.2rem 0.6rem; margin-left: 0.35rem; border: 1px solid var(--line); border-radius: 0.4rem; background: transparent; color: var(--accent); cursor: pointer; }
button:hover { background: var(--tint); }
button:disabled { opacity: 0.5; cursor: default; }
.folds { display: grid; gap: 0.5rem; grid-template-columns: minmax(0, 1fr); }
.folds > details { padding: 0.625rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.folds b { font-weight: 550; margin-right: 0.5rem; }
.said { list-style: none; margin: 0.5rem 0 0; padding: 0; max-height: 24rem; overflow: auto; font-size: 0.8125rem; }
.said li { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.75rem; padding: 0.25rem 0; border-top: 1px solid var(--line); }
.said time { color: var(--quiet); white-space: nowrap; }
.said b { margin: 0; overflow-wrap: anywhere; }
.said .text { flex: 1 1 20rem; min-width: 0; overflow-wrap: anywhere; }
.log { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; font-size: 0.75rem; }
.log li { border: 0; padding: 0.0625rem 0; }
.log .level { width: 3.5em; white-space: nowrap; }
.log .warn .level { color: var(--warn); }
.log .error .level { color: var(--bad); }
.log li.error { display: flex; margin: 0; padding-left: 0; color: inherit; max-width: none; font-size: inherit; }
.scroll { overflow-x: auto; margin-top: 0.5rem; }
.stages { border: 0; background: none; font-size: 0.875rem; max-width: 48rem; }
.stages th, .stages td { padding: 0.25rem 0.5rem; }
.stages th:first-child { padding-left: 0; }
.stages tbody th { font-size: inherit; min-width: 9rem; overflow-wrap: normal; }
.pair { display: grid; gap: 0 1.5rem; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.list { list-style: none; margin-top: 0.625rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.list li { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; padding: 0.625rem 1rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.list li:last-child { border-bottom: 0; }
.list .name { flex: 1 0 auto; max-width: 100%; font-weight: 550; }
.list .why { flex-basis: 100%; color: var(--bad); font-size: 0.8125rem; }
footer { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.5rem 1.5rem; margin-top: 2rem; }
nav a { margin-left: 0.75rem; }
nav a:first-child { margin-left: 0; }
@media (max-width: 75rem) {
  .tiles { grid-template-columns: repeat(5, 1fr); }
  .tile.wide { grid-column: 1 / -1; }
  .extra { display: none; }
}
@media (max-width: 60rem) {
  .rate .line, .tile:last-child, th.orders, td.orders { display: none !important; }
  div.orders { margin: 0.375rem 0 0.625rem; text-align: left; }
  div.orders button:first-child { margin-left: 0; }
  .tiles { grid-template-columns: repeat(4, 1fr); }
}
@media (max-width: 40rem) {
  body { padding: 0.75rem; }
  section { margin-top: 1rem; }
  .tiles { grid-template-columns: repeat(2, 1fr); gap: 0.5rem; }
  .tile { padding: 0.5rem 0.75rem; }
  .tile strong { font-size: 1.25rem; }
  .line.large { min-width: 4rem; height: 2rem; }
  .pair { grid-template-columns: minmax(0, 1fr); }
  .sort { display: block; }
  .controls, .find { flex: 1 1 auto; }
  .controls { gap: 0.5rem; }
  .find { display: flex; align-items: center; gap: 0.35rem; }
  .find input { flex: 1; min-width: 4rem; width: 4rem; }
  .sort select { width: 7.5rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  #table, #rows, #rows tr, #rows th, #rows td { display: block; }
  #rows tr { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.0625rem 0.875rem; padding: 0.4rem 0.75rem; border-bottom: 1px solid var(--line); }
  #rows tr:last-child, #rows tr.open { border-bottom: 0; }
  #rows th, #rows td { padding: 0; border: 0; text-align: left; min-width: 0; max-width: 100%; white-space: normal; }
  #rows th { flex: 1 1 60%; }
  #rows tr::after { content: ""; order: 2; flex-basis: 100%; }
  #rows th { order: 0; }
  #rows td.condition { order: 1; }
  #rows td { order: 3; }
  #rows td[data-label] { color: var(--ink); font-size: 0.8125rem; }
  #rows td.alarm { color: var(--bad); }
  #rows td[data-label]::before { content: attr(data-label) " "; color: var(--quiet); font-weight: 400; }
  #rows tr:not(.open) .extra { display: none; }
  #rows .condition .pill { padding: 0 0.5rem; font-size: 0.75rem; }
  #rows .level.common { display: none; }
  #rows button.name { padding-block: 0.25rem; font-size: 0.875rem; }
  #rows .brief:not(.open) { flex-wrap: nowrap; padding-block: 0.125rem; }
  #rows .brief:not(.open)::after { content: none; }
  #rows .brief:not(.open) td:not(.condition):nth-of-type(n + 3) { display: none; }
  #rows .error { padding-left: 0; }
  #instances .quiet { order: 3; flex-basis: 100%; }
  #rows .brief td { flex: none; white-space: nowrap; }
  #rows .brief:not(.open) td.condition { order: 4; }
  #rows .brief:not(.open) .pill { gap: 0; padding: 0; background: none; font-size: 0; }
  #rows tr.more { padding: 0 0.75rem 0.75rem; }
  #rows tr.more::after { content: none; }
  #rows tr.more td { flex-basis: 100%; }
  .orders button, .rest button { padding: 0.45rem 1rem; font-size: 0.875rem; }
  .groups button { padding: 0.35rem 0.6rem; }
  .facts dt { width: 7.5rem; }
  .said .text { flex-basis: 100%; }
  nav a { display: inline-block; padding: 0.25rem 0; }
}
@media (prefers-reduced-motion: no-preference) { .stale main, main { transition: opacity 0.3s; } }
`;
