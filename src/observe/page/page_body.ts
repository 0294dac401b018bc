/** What is between `<body>` and `</body>`: everything the script fills in, and what a reader without it sees. */
export const PAGE_BODY = `
<a class="skip" href="#streams">Skip to the streams</a>
<header>
  <div class="brand">
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M3 4c0 5 9 4 9 10v7"/><path d="M12 3v4c0 3-1 4-3 5"/><path d="M21 4c0 5-9 4-9 10"/>
    </svg>
    <h1>tributary <span id="pipeline"></span></h1>
  </div>
  <p class="state"><span id="status" class="pill">connecting</span>
    <span id="connection" class="quiet"></span></p>
</header>
<p id="notice" class="notice" hidden></p>
<p id="announcement" class="hidden" role="status" aria-live="polite"></p>
<noscript><p class="notice">This page needs JavaScript. The same facts are at <a href="/status">/status</a>.</p></noscript>
<main>
  <section aria-labelledby="now-title">
    <h2 id="now-title" class="hidden">Now</h2>
    <dl class="tiles">
      <div class="tile wide"><dt>Events a second</dt>
        <dd><strong id="rate">-</strong><span id="rate-line" class="line large"></span></dd></div>
      <div class="tile"><dt>Largest lag</dt><dd><strong id="lag">-</strong>
        <span id="lag-stream" class="quiet"></span></dd></div>
      <div class="tile"><dt>Streams read</dt><dd><strong id="read">-</strong>
        <span id="read-note" class="quiet"></span></dd></div>
      <div class="tile"><dt>Least oplog left</dt><dd><strong id="oplog">-</strong>
        <span id="oplog-note" class="quiet"></span></dd></div>
      <div class="tile"><dt>Memory</dt><dd><strong id="memory">-</strong>
        <span id="memory-note" class="quiet"></span></dd></div>
    </dl>
  </section>
  <section aria-labelledby="streams-title" id="streams" tabindex="-1">
    <div class="heading">
      <h2 id="streams-title">Streams</h2>
      <label id="filter-label" hidden>Find <input id="filter" type="search" autocomplete="off"></label>
    </div>
    <p id="empty" class="empty" hidden></p>
    <table id="table" role="table" aria-labelledby="streams-title" hidden>
      <thead role="rowgroup"><tr role="row">
        <th role="columnheader" scope="col">Stream</th>
        <th role="columnheader" scope="col">State</th>
        <th role="columnheader" scope="col">Instance</th>
        <th role="columnheader" scope="col" class="number">Lag</th>
        <th role="columnheader" scope="col" class="number">Events a second</th>
        <th role="columnheader" scope="col" class="number">Stored</th>
        <th role="columnheader" scope="col" class="number">Oplog left</th>
        <th role="columnheader" scope="col">Last object</th>
        <th role="columnheader" scope="col" class="orders"><span class="hidden">Orders</span></th>
      </tr></thead>
      <tbody id="rows" role="rowgroup"></tbody>
    </table>
    <p id="more" class="quiet" hidden></p>
  </section>
  <div class="pair">
    <section aria-labelledby="services-title">
      <h2 id="services-title">Services</h2>
      <ul id="services" class="list"></ul>
    </section>
    <section aria-labelledby="instances-title">
      <h2 id="instances-title">Instances</h2>
      <p id="fleet-note" class="quiet" hidden></p>
      <ul id="instances" class="list"></ul>
    </section>
  </div>
</main>
<footer class="quiet"><span id="about"></span>
  <nav aria-label="For programs"><a href="/status">status</a> <a href="/metrics">metrics</a>
    <a href="/health">health</a> <a href="/ready">ready</a></nav></footer>
`;
