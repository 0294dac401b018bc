import assert from "node:assert/strict";
import { MemoryDestination } from "../../../src/destination/memory_destination.ts";
import {
  assertJournalPlace,
  claimJournalPlace,
  keepToPlace,
  type LakePlaces,
  type NamedStore,
} from "../../../src/journal/journal_place.ts";
import { createObjectJournal } from "../../../src/journal/object_journal.ts";
import { genesis, heartbeat } from "../../contract/journal_contract.ts";
import {
  acceptedKey,
  coverageKey,
  recordKey,
  redriveKey,
  startKey,
} from "../../../src/journal/journal_keys.ts";
import { createObjectLayouts } from "../../../src/journal/object_layouts.ts";
import { positionAt } from "../../../src/model/position.ts";
import { SeededRandom } from "../../support/seeded_random.ts";

function store(url: string): MemoryDestination & NamedStore {
  return Object.assign(new MemoryDestination(), { url }) as MemoryDestination & NamedStore;
}

const LAKE = "s3://lake/shop";
const JOURNAL = "s3://records/shop";
const random = new SeededRandom(1);

function apart(): LakePlaces<MemoryDestination & NamedStore> {
  return { lake: store(JOURNAL), destination: store(LAKE) };
}

const claim = (places: LakePlaces) => claimJournalPlace(places, random);
const keysOf = (of: MemoryDestination) => of.list("", { limit: 100 });
const begin = (of: MemoryDestination) =>
  of.putIfAbsent(recordKey("collection.shop.orders", 0), new Uint8Array(1));

Deno.test("a journal in the destination leaves no mark", async () => {
  const destination = store(LAKE);
  await begin(destination);
  const before = await keysOf(destination);
  await claim({ lake: destination, destination });
  await assertJournalPlace({ lake: destination, destination });
  assert.deepEqual(await keysOf(destination), before);
});

Deno.test("a journal in a place of its own is marked in both, once, and looking marks nothing", async () => {
  const places = apart();
  await assertJournalPlace(places);
  assert.deepEqual(await keysOf(places.lake), []);
  await Promise.all([claim(places), claim(places), claim(places)]);
  assert.deepEqual(await keysOf(places.lake), ["_tributary/destination.json"]);
  assert.deepEqual(await keysOf(places.destination), ["_tributary/journal.json"]);
  await begin(places.lake);
  await claim(places);
  await assertJournalPlace(places);
});

Deno.test("of two that begin one lake at once, with its journal in two places, one sees the other", async () => {
  const { lake, destination } = apart();
  const open = () =>
    keepToPlace(createObjectJournal(destination), { lake: destination, destination });
  await open().append("collection.shop.orders", genesis("a"));
  // It looked for a journal in the destination just before that one began.
  const { get, putIfAbsent } = destination;
  const late: NamedStore = {
    url: LAKE,
    get: get.bind(destination),
    list: destination.list.bind(destination),
    listFolders: () => Promise.resolve([]),
    putIfAbsent: (...call) => {
      late.listFolders = destination.listFolders.bind(destination);
      return putIfAbsent.apply(destination, call);
    },
  };
  await assert.rejects(
    claimJournalPlace({ lake, destination: late }, random),
    /the journal of this lake lies in s3:\/\/lake\/shop/,
  );
  const refusal =
    /the journal of this lake lies in s3:\/\/records\/shop; set JOURNAL to that place/;
  await assert.rejects(open().append("collection.shop.items", genesis("b")), refusal);
  // Who takes over what another has begun meets it as well, and so does each try.
  const next = open();
  for (let i = 0; i < 2; i++) {
    await assert.rejects(next.last("collection.shop.orders"), refusal);
    await assert.rejects(next.append("collection.shop.orders", heartbeat(i + 1)), refusal);
  }
});

Deno.test("a first record that another one left before it met the marks stops no lake with JOURNAL", async () => {
  const { lake, destination } = apart();
  await claim({ lake, destination });
  await begin(lake);
  await begin(destination);
  await claim({ lake, destination });
  await assertJournalPlace({ lake, destination });
  // Whoever knows no marks, and went on there, is seen.
  await destination.putIfAbsent(recordKey("collection.shop.orders", 1), new Uint8Array(1));
  await assert.rejects(claim({ lake, destination }), /the journal of this lake lies in/);
});

Deno.test("marks of one that found a journal in the destination begin no second one", async () => {
  const { lake, destination } = apart();
  await claim({ lake, destination });
  await begin(destination);
  await assert.rejects(claim({ lake, destination }), /the journal of this lake lies in/);
});

Deno.test("a journal that has moved by itself, as its corrected mark says, is not written where it was", async () => {
  const { lake, destination } = apart();
  await claim({ lake, destination });
  const moved = store("s3://records/moved");
  for (const key of await keysOf(lake)) {
    const text = new TextDecoder().decode(await lake.get(key));
    const corrected = text.replace(JOURNAL, moved.url);
    await moved.putIfAbsent(key, new TextEncoder().encode(corrected));
  }
  await claim({ lake: moved, destination });
  await claim({ lake: moved, destination });
  await assert.rejects(claim({ lake, destination }), /lies in s3:\/\/records\/moved; set JOURNAL/);
});

Deno.test("whether the journal has kept its place is asked once", async () => {
  const { destination } = apart();
  const journal = keepToPlace(createObjectJournal(destination), { lake: destination, destination });
  assert.equal(await journal.last("collection.shop.orders"), undefined);
  await journal.append("collection.shop.orders", genesis("a"));
  const { get } = destination;
  destination.get = (key, ...more) => {
    assert(!key.endsWith("/journal.json"), "it is asked again");
    return get.call(destination, key, ...more);
  };
  await journal.append("collection.shop.orders", heartbeat(1));
  assert.equal((await journal.last("collection.shop.orders"))?.seq, 1);
});

Deno.test("copies of a journal and a destination stay with each other once somebody has written with them", async () => {
  const original = apart();
  await claim(original);
  const copyTo = async (from: MemoryDestination, url: string) => {
    const to = store(url);
    for (const key of await keysOf(from)) await to.putIfAbsent(key, (await from.get(key))!);
    return to;
  };
  const [lake, other] = [
    await copyTo(original.lake, "s3://records/copy"),
    await copyTo(original.lake, "s3://records/other"),
  ];
  const destination = await copyTo(original.destination, "s3://lake/copy");
  await claim({ lake, destination });
  await claim({ lake, destination });
  const refusal =
    /the journal of this lake lies in s3:\/\/records\/copy; set JOURNAL to that place/;
  await assert.rejects(claim({ lake: other, destination }), refusal);
  // What was refused has left nothing behind.
  await claim({ lake: other, destination: await copyTo(original.destination, "s3://lake/other") });
  await assert.rejects(assertJournalPlace({ lake: other, destination }), refusal);
  await assert.rejects(
    claim({ lake, destination: await copyTo(destination, "s3://lake/third") }),
    /the journal of s3:\/\/lake\/copy lies there/,
  );
  await claim(original);
});

Deno.test("a journal that is gone from its place is said to be gone", async () => {
  const { lake, destination } = apart();
  await claim({ lake, destination });
  for (const look of [claim, assertJournalPlace]) {
    await assert.rejects(
      look({ lake: store(JOURNAL), destination }),
      /the journal of this lake should lie there, and does not; bring it back from a copy/,
    );
  }
});

Deno.test("one place under two names is no place of its own for a journal", async () => {
  const destination = store(LAKE);
  const lake: NamedStore = {
    url: JOURNAL,
    get: (key) => destination.get(key),
    list: (...call) => destination.list(...call),
    listFolders: (prefix) => destination.listFolders(prefix),
    putIfAbsent: (...call) => destination.putIfAbsent(...call),
  };
  await assert.rejects(
    claimJournalPlace({ lake, destination }, random),
    /are the same place; take JOURNAL away and remove "_tributary\/destination.json" there/,
  );
});

Deno.test("a claim that was cut off half way is finished by the next one", async () => {
  const { lake, destination } = apart();
  const dying = Object.assign(store(LAKE), {
    putIfAbsent: () => Promise.reject(new Error("killed")),
  });
  await assert.rejects(claim({ lake, destination: dying }), /killed/);
  await assertJournalPlace({ lake, destination });
  await claim({ lake, destination });
  assert.deepEqual(await keysOf(destination), ["_tributary/journal.json"]);
});

Deno.test("JOURNAL is refused where anything of a journal lies in the destination, also before the first stream", async () => {
  const keys = [
    recordKey("collection.shop.orders", 0),
    coverageKey("all", 0),
    startKey("shop.orders"),
    acceptedKey("collection.shop.orders", 1),
    redriveKey("collection.shop.orders", 1, 0),
  ];
  const layouts = store(LAKE);
  const layout = { epoch: 2, of: 4, barrier: positionAt({ t: 1_763_690_000, i: 7 }) };
  await createObjectLayouts(layouts).put("collection.shop.orders", layout);
  for (const key of [...keys, ...await keysOf(layouts)]) {
    const { lake, destination } = apart();
    await destination.putIfAbsent(key, new Uint8Array(1));
    await assert.rejects(claim({ lake, destination }), /the journal of this lake lies in/, key);
    assert.deepEqual(await keysOf(lake), []);
    await assert.rejects(
      claim({ lake: destination, destination: store("s3://lake/other") }),
      /a lake with objects of its own lies there/,
      key,
    );
  }
  for (const key of ["dead-letter/a/1.json", "probe/put-if-absent.txt", "state/a.json"]) {
    const { lake, destination } = apart();
    await destination.putIfAbsent(`_tributary/${key}`, new Uint8Array(1));
    await claim({ lake, destination });
  }
});

Deno.test("JOURNAL is refused where the lake's journal lies in the destination", async () => {
  const places = apart();
  await begin(places.destination);
  for (const look of [claim, assertJournalPlace]) {
    await assert.rejects(look(places), {
      name: "PermanentError",
      message:
        `Cannot use JOURNAL ${JOURNAL}: the journal of this lake lies in ${LAKE}, and a lake keeps ` +
        "the place that it began with; take JOURNAL away, or begin with another DESTINATION",
    });
  }
  assert.deepEqual(await keysOf(places.lake), []);
});

Deno.test("without JOURNAL, or with another one, a lake whose journal has its own place is refused", async () => {
  const places = apart();
  await claim(places);
  const { destination } = places;
  for (const lake of [destination, store("s3://records/empty")]) {
    await assert.rejects(assertJournalPlace({ lake, destination }), {
      name: "PermanentError",
      message:
        /DESTINATION s3:\/\/lake\/shop: the journal of this lake lies in s3:\/\/records\/shop; set JOURNAL/,
    });
  }
});

Deno.test("the journal of one destination is refused to another, as JOURNAL and as DESTINATION", async () => {
  const { lake, destination } = apart();
  await claim({ lake, destination });
  const other = store("s3://lake/other");
  const message = /JOURNAL s3:\/\/records\/shop: the journal of s3:\/\/lake\/shop lies there/;
  await assert.rejects(claim({ lake, destination: other }), { name: "PermanentError", message });
  assert.deepEqual(await keysOf(other), []);
  await assert.rejects(
    claim({ lake, destination: lake }),
    /DESTINATION s3:.* lies there; use another/,
  );
});

Deno.test("of two destinations that claim one journal at once, one has it", async () => {
  const lake = store(JOURNAL);
  const both = [store("s3://lake/a"), store("s3://lake/b")];
  const claims = both.map((destination) => claim({ lake, destination }));
  const outcomes = await Promise.allSettled(claims);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
});

Deno.test("a destination of another lake is no place for a journal", async () => {
  const { lake, destination } = apart();
  await begin(lake);
  await assert.rejects(claim({ lake, destination }), /a lake with objects of its own lies there/);
});

Deno.test("a pair that was copied to other addresses is still one", async () => {
  const places = apart();
  await claim(places);
  const copied = { lake: store("file:///r"), destination: store("file:///l") };
  for (const name of ["lake", "destination"] as const) {
    for (const key of await keysOf(places[name])) {
      await copied[name].putIfAbsent(key, (await places[name].get(key))!);
    }
  }
  await claim(copied);
  await assertJournalPlace({ ...copied, lake: Object.assign(copied.lake, { url: JOURNAL }) });
  await assert.rejects(claim(copied), {
    name: "PermanentError",
    message:
      /JOURNAL s3:\/\/records\/shop .*: the journal of this lake lies in file:\/\/\/r; set JOURNAL/,
  });
  const alone = {
    lake: Object.assign(places.lake, { url: "s3://new" }),
    destination: places.destination,
  };
  await assert.rejects(claim(alone), /s3:\/\/lake\/shop belongs to s3:\/\/records\/shop/);
});
