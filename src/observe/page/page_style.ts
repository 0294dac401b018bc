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
.pill::before { content: ""; width: 0.5rem; height: 0.5rem; border-radius: 50%; background: currentColor; }
.pill.good { background: var(--tint); color: var(--accent); }
.pill.warn { background: var(--warn-tint); color: var(--warn); }
.pill.warn::before { border-radius: 1px; transform: rotate(45deg); }
.pill.bad { background: var(--bad-tint); color: var(--bad); }
.pill.bad::before { border-radius: 0; }
.pill.idle::before { background: none; border: 1.5px solid currentColor; }
.notice, .empty { margin-top: 1rem; padding: 0.75rem 1rem; border-radius: 0.5rem; background: var(--warn-tint); color: var(--warn); }
.empty { padding: 2.5rem 1rem; text-align: center; background: var(--card); color: var(--quiet); border: 1px dashed var(--line); }
.stale main { opacity: 0.55; }
section { margin-top: 1.75rem; }
.heading { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 0.5rem 1rem; margin-bottom: 0.625rem; }
input { font: inherit; padding: 0.3rem 0.6rem; border: 1px solid var(--line); border-radius: 0.4rem; background: var(--card); color: inherit; }
.tiles { display: grid; gap: 0.75rem; grid-template-columns: 2fr repeat(4, 1fr); }
.tile { padding: 0.875rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; min-width: 0; }
.tile dt { color: var(--quiet); font-size: 0.8125rem; }
.tile dd { display: flex; flex-direction: column; }
.tile.wide dd { flex-direction: row; align-items: flex-end; gap: 1.25rem; }
.tile strong { font-size: 1.625rem; line-height: 1.3; font-weight: 600; letter-spacing: -0.02em; white-space: nowrap; }
.tile .quiet { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.line { display: inline-block; width: 4.5rem; height: 1.5rem; vertical-align: middle; }
.line.large { flex: 1; width: auto; min-width: 6rem; height: 2.5rem; }
.line svg { display: block; width: 100%; height: 100%; overflow: visible; }
.line path { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.line path.area { fill: var(--tint); stroke: none; }
table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; overflow: hidden; }
th { text-align: left; font-size: 0.8125rem; font-weight: 500; color: var(--quiet); }
th, td { padding: 0.625rem 0.6rem; border-bottom: 1px solid var(--line); vertical-align: middle; }
tbody tr:last-child td, tbody tr:last-child th { border-bottom: 0; }
th:first-child { padding-left: 1rem; }
.number { text-align: right; white-space: nowrap; }
tbody th { width: 22%; font-size: 0.9375rem; font-weight: 550; color: var(--ink); overflow-wrap: anywhere; min-width: 12rem; }
tbody th .quiet { font-weight: 400; }
.error { display: block; margin-top: 0.125rem; color: var(--bad); font-size: 0.8125rem; font-weight: 400; max-width: 60ch; overflow-wrap: anywhere; }
.owner { max-width: 10rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.object { max-width: 13.5rem; }
.object span { display: block; }
.object .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; direction: rtl; text-align: left; font-size: 0.8125rem; }
.alarm { color: var(--bad); font-weight: 600; }
.orders { white-space: nowrap; text-align: right; }
.readonly .orders { display: none; }
button { font: inherit; font-size: 0.8125rem; padding: 0.2rem 0.6rem; margin-left: 0.35rem; border: 1px solid var(--line); border-radius: 0.4rem; background: transparent; color: var(--accent); cursor: pointer; }
button:hover { background: var(--tint); }
button:disabled { opacity: 0.5; cursor: default; }
.pair { display: grid; gap: 0 1.5rem; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.list { list-style: none; margin-top: 0.625rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.list li { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.75rem; padding: 0.625rem 1rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.list li:last-child { border-bottom: 0; }
.list .name { flex: 1; font-weight: 550; }
.list .why { flex-basis: 100%; color: var(--bad); font-size: 0.8125rem; }
footer { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.5rem 1.5rem; margin-top: 2rem; }
nav a { margin-left: 0.75rem; }
nav a:first-child { margin-left: 0; }
@media (max-width: 68rem) {
  .tiles { grid-template-columns: repeat(4, 1fr); }
  .tile.wide { grid-column: 1 / -1; }
}
@media (max-width: 75rem) {
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table { background: none; border: 0; border-radius: 0; overflow: visible; }
  tbody tr { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.5rem 1rem; padding: 0.875rem 1rem; margin-bottom: 0.75rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
  tbody th, tbody td, tbody th:first-child { padding: 0; border: 0; text-align: left; max-width: none; min-width: 0; }
  tbody th { grid-area: 1 / 1 / auto / -1; width: auto; }
  tbody th > span:first-child { display: block; padding-right: 8.5rem; }
  tbody td.number { text-align: left; }
  tbody td.condition { grid-area: 1 / 1 / auto / -1; place-self: start end; }
  tbody td.object, tbody td.orders { grid-column: 1 / -1; }
  tbody td.orders { text-align: left; }
  td.orders button:first-child { margin-left: 0; }
  td[data-label]::before { content: attr(data-label); display: block; color: var(--quiet); font-size: 0.75rem; font-weight: 400; }
  button { padding: 0.45rem 1rem; font-size: 0.875rem; }
}
@media (max-width: 40rem) {
  .tiles { grid-template-columns: repeat(2, 1fr); }
  tbody tr { grid-template-columns: 1fr 1fr; }
  .pair { grid-template-columns: 1fr; }
  .line.large { min-width: 4rem; }
  nav a { display: inline-block; padding: 0.25rem 0; }
}
@media (prefers-reduced-motion: no-preference) { .stale main, main { transition: opacity 0.3s; } }
`;
