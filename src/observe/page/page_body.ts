/** What is between `<body>` and `</body>`: everything the script fills in, and what a reader without it sees. */
export const PAGE_BODY = `
<a class="skip" id="skip" href="#streams">Skip to the streams</a>
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
<p id="tip" class="tip" aria-live="polite" hidden></p>
<noscript><p class="notice">This page needs JavaScript. The same facts are at <a href="/status">/status</a>.</p></noscript>
<main>
  <section id="causes" aria-labelledby="causes-title" hidden>
    <h2 id="causes-title" class="hidden">What is wrong</h2>
    <ol id="cause-list" class="causes"></ol>
    <p class="rest"><button id="more-causes" type="button" hidden></button></p>
  </section>
  <p id="verdict" class="verdict" hidden></p>
  <section aria-labelledby="now-title">
    <h2 id="now-title" class="hidden">Now</h2>
    <dl class="tiles">
      <div class="tile wide"><dt>Events a second</dt>
        <dd><strong id="rate">-</strong><span id="rate-line" class="line large"></span></dd></div>
      <div class="tile"><dt>In the lake up to</dt><dd><strong><span id="lake">-</span> <small id="lake-ago" hidden>ago</small></strong>
        <span id="lake-stream" class="quiet"></span></dd></div>
      <div class="tile"><dt>Lag of reading</dt><dd><strong id="lag">-</strong>
        <span id="lag-stream" class="quiet"></span></dd></div>
      <div class="tile"><dt>Streams read</dt><dd><strong><span id="read">-</span> <small id="read-of" hidden></small></strong>
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
      <div id="controls" class="controls" hidden>
        <div id="groups" class="groups" role="group" aria-label="Which streams are shown"></div>
        <label class="sort">Sort by <select id="sort">
          <option value="state">trouble</option><option value="name">name</option>
          <option value="-lake">in the lake</option><option value="-lag">lag</option>
          <option value="-rate">events a second</option><option value="oplog">oplog left</option>
          <option value="-stored">stored</option><option value="instance">instance</option>
        </select></label>
        <label class="find">Find <input id="filter" type="search" autocomplete="off" spellcheck="false" maxlength="200"></label>
      </div>
    </div>
    <p id="empty" class="empty" hidden></p>
    <table id="table" role="table" aria-labelledby="streams-title" hidden>
      <thead role="rowgroup"><tr role="row">
        <th role="columnheader" scope="col" data-sort="name"><button type="button">Stream</button></th>
        <th role="columnheader" scope="col" data-sort="state"><button type="button">State</button></th>
        <th role="columnheader" scope="col" class="number" data-sort="lake"><button type="button" title="How old the lake is for this stream">In the lake</button></th>
        <th role="columnheader" scope="col" class="number" data-sort="lag"><button type="button" title="How far reading is behind">Lag</button></th>
        <th role="columnheader" scope="col" class="number" data-sort="rate"><button type="button">Events a second</button></th>
        <th role="columnheader" scope="col" class="number" data-sort="oplog"><button type="button" title="How long until the server forgets what this stream has not stored">Oplog left</button></th>
        <th role="columnheader" scope="col" class="number extra" data-sort="stored"><button type="button">Stored</button></th>
        <th role="columnheader" scope="col" class="extra" data-sort="instance"><button type="button">Instance</button></th>
        <th role="columnheader" scope="col" class="orders"><span class="hidden">Orders</span></th>
      </tr></thead>
      <tbody id="rows" role="rowgroup"></tbody>
    </table>
    <p id="rest" class="rest" hidden><span id="rest-note"></span> <button id="rest-button" type="button"></button></p>
  </section>
  <section id="snapshots" aria-labelledby="snapshots-title" hidden>
    <h2 id="snapshots-title">Snapshots</h2>
    <ul id="snapshot-list" class="list"></ul>
  </section>
  <section id="tables" aria-labelledby="tables-title" hidden>
    <h2 id="tables-title">Tables</h2>
    <ul id="table-list" class="list"></ul>
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
  <section aria-label="More of this instance" class="folds">
    <details id="errors"><summary><b>Last warnings and errors</b> <span id="errors-note" class="quiet"></span></summary>
      <p id="errors-empty" class="quiet">There are none.</p>
      <ol id="error-list" class="said" tabindex="0" aria-label="Last warnings and errors"></ol></details>
    <details id="reading" hidden><summary><b>Change streams</b> <span id="reading-note" class="quiet"></span></summary>
      <p class="quiet">MongoDB reads its oplog once for each of them.</p>
      <ul id="reader-list" class="list"></ul></details>
    <details id="stages"><summary><b>Where the time goes</b> <span id="stages-note" class="quiet"></span></summary>
      <p class="quiet">How long each step took in the last 5 minutes, for the streams of this instance.</p>
      <div class="scroll" tabindex="0" role="region" aria-label="Where the time goes"><table class="stages">
        <thead><tr><th scope="col">Step</th><th scope="col" class="number">How often</th><th scope="col" class="number">Mean</th>
          <th scope="col" class="number">Median</th><th scope="col" class="number">95 % within</th><th scope="col" class="number">Longest</th></tr></thead>
        <tbody id="stage-rows"></tbody></table></div></details>
    <details id="log"><summary><b>Log</b> <span class="quiet">the last 200 lines of this instance</span></summary>
      <p id="log-hidden" class="quiet" hidden>The log may name hosts and collections, so it is shown only where HTTP_TOKEN
        is set, or where HTTP_ADDRESS is of this machine alone, as 127.0.0.1 is.</p>
      <ol id="log-lines" class="said log" tabindex="0" aria-label="The end of the log"></ol></details>
  </section>
</main>
<footer class="quiet"><span id="about"></span>
  <nav aria-label="For programs"><a href="/status">status</a> <a href="/metrics">metrics</a>
    <a href="/health">health</a> <a href="/ready">ready</a></nav></footer>
`;
