/** Streams that share a change stream get what each would get from its own, whatever the server does to the shared one. */
import assert from "node:assert/strict";
import { ObjectId } from "mongodb";
import { PermanentError, TransientError } from "../../src/model/errors.ts";
import { comparePositions } from "../../src/model/position.ts";
import { type Opening, SharedWorld } from "../support/shared_world.ts";

Deno.test("a dropDatabase ends a shared change stream, which goes on by its own token, and no member sees that", async () => {
  const world = new SharedWorld();
  const readers = ["orders", "items"].map((name) => world.read(name));
  world.insert(3, "orders");
  world.insert(3, "items");
  await world.settle(readers);
  for (let drop = 0; drop < 2; drop++) {
    world.dropDatabase("shop", ["items", "orders"]);
    world.insert(2, "orders");
    await world.settle(readers);
  }
  const forms = world.openings.map(({ form, from }) => `${form} ${from.invalidate ?? false}`);
  assert.deepEqual(forms, ["database shop false", "database shop true", "database shop true"]);
  assert.deepEqual(readers.flatMap(({ errors }) => errors), []);
  await world.end(readers);
});

Deno.test("who has to begin anew just behind a dropDatabase passes its end, by another form too", async () => {
  const world = new SharedWorld();
  const readers = ["orders", "items"].map((name) => world.read(name));
  world.insert(1, "orders");
  await world.settle(readers);
  world.dropDatabase("shop", ["items", "orders"]);
  await world.clock.until(() => world.openings.length === 2);
  const { mark } = readers[0]!;
  assert.equal(mark.invalidate, undefined);
  world.insert(2, "orders");
  const [again, alone] = [new SharedWorld(), new SharedWorld()];
  for (const other of [again, alone]) {
    for (const { change } of world.oplog.entries) other.append(change);
  }
  const pair = ["orders", "items"].map((name) => again.read(name, { from: mark }));
  const single = [alone.read("orders", { from: mark })];
  await again.settle(pair);
  await alone.settle(single);
  await again.end(pair);
  await alone.end(single);
  await world.end(readers);
});

Deno.test("the token of a collection's invalidate goes to its own change stream only", async () => {
  const world = new SharedWorld();
  world.insert(1, "orders");
  world.drop("orders");
  const { operationTime } = world.here;
  // As a reading of the collection itself ends there.
  const data = world.here.data.replace("2C0100296E", "2C0100296F");
  const from = { operationTime, data, invalidate: true } as const;
  world.insert(2, "orders");
  world.insert(2, "items");
  const alone = world.read("orders", { from });
  await world.settle([alone]);
  const readers = [alone, world.read("customers", { from: world.here })];
  const late = world.read("orders", { from });
  readers.push(late);
  await world.settle(readers);
  const shared = world.openings.filter(({ form }) => form !== "collection");
  assert.equal(world.openings[0]!.from.invalidate, true);
  assert.ok(shared.length > 0);
  assert.deepEqual(shared.map(({ from }) => from.invalidate), shared.map(() => undefined));
  await world.end(readers);
});

Deno.test("a rename reaches the members of both names once, and a dropDatabase none", async () => {
  const world = new SharedWorld();
  const names = ["orders", "items", "customers"];
  const readers = names.map((name) => world.read(name));
  for (const name of [...names, "other"]) world.insert(1, name);
  world.rename("orders", "items");
  world.rename("items", "unknown");
  world.rename("other", "orders");
  world.rename("orders", "customers");
  world.insert(1, "customers");
  world.dropDatabase("shop", ["customers", "unknown"]);
  await world.settle(readers);
  const operations = (at: number) => readers[at]!.events.map(({ operation }) => operation);
  assert.deepEqual(operations(0), ["insert", "rename", "rename", "rename"]);
  assert.deepEqual(operations(1), ["insert", "rename", "rename"]);
  assert.deepEqual(operations(2), ["insert", "rename", "insert", "drop"]);
  assert.equal(world.openings[0]!.form, "database shop");
  await world.end(readers);
});

Deno.test("alone, with others of its database, and with others of everywhere a stream gives the same", async () => {
  const companies = [[], ["items", "customers"], ["items", "crm.users"]];
  const found = [];
  for (const company of companies) {
    const world = new SharedWorld();
    const readers = [...company, "orders"].map((name) => {
      const [collection, database] = name.split(".").reverse();
      return world.read(collection!, database === undefined ? {} : { database });
    });
    turbulence(world);
    await world.settle(readers);
    const { events } = readers.at(-1)!;
    found.push({ events, form: world.openings[0]!.form });
    await world.end(readers);
  }
  assert.deepEqual(found.map(({ form }) => form), ["collection", "database shop", "deployment"]);
  for (const { events } of found) assert.deepEqual(events, found[0]!.events);
});

function turbulence(world: SharedWorld): void {
  const id = new ObjectId("0123456789abcdef01234567");
  world.insert(2, "orders");
  world.drop("orders");
  world.drop("orders");
  world.insert(1, "next");
  world.rename("next", "orders");
  world.append({ operation: "delete", database: "shop", collection: "orders", id });
  world.rename("orders", "items");
  world.insert(2, "orders");
  world.dropDatabase("shop", ["items", "orders"]);
  world.dropDatabase("crm", ["users"]);
  world.insert(2, "orders");
}

Deno.test("a view is refused by its name, and the others read on", async () => {
  const world = new SharedWorld();
  world.faults.admit = ({ stream }) => {
    const isView = stream.level === "collection" && stream.collection === "view";
    return isView ? new PermanentError("shop.view is a view") : undefined;
  };
  const readers = ["orders", "view", "items"].map((name) => world.read(name));
  world.insert(2, "orders");
  await world.settle([readers[0]!, readers[2]!]);
  assert.match(String(readers[1]!.errors[0]), /shop\.view is a view/);
  assert.ok(world.openings.every(({ names }) => !names.includes("shop.view")));
  await world.end(readers);
});

Deno.test("who comes while all others are refused is opened all the same", async () => {
  const world = new SharedWorld();
  world.faults.admit = ({ stream }) => {
    const isView = stream.level === "collection" && stream.collection.startsWith("view");
    return isView ? new PermanentError("it is a view") : undefined;
  };
  const views = ["view1", "view2"].map((name) => world.read(name));
  await world.clock.until(() => world.shared.readers().length === 1);
  // They are being asked about.
  await world.clock.advance(160);
  const late = world.read("late");
  world.insert(2, "late");
  await world.settle([late]);
  assert.ok(views.every(({ errors }) => errors.length > 0));
  await world.end([...views, late]);
});

Deno.test("rights for no change stream but those of databases or of collections: those are opened, and nothing fails", async () => {
  for (const denied of [["deployment"], ["deployment", "database shop", "database crm"]]) {
    const world = new SharedWorld();
    world.faults.denies = (form) => denied.includes(form);
    const readers = [
      ...["orders", "items"].map((name) => world.read(name)),
      ...["users", "roles"].map((name) => world.read(name, { database: "crm" })),
    ];
    for (const { database, collection } of readers.map(({ name }) => name)) {
      world.insert(3, collection, database);
    }
    await world.settle(readers);
    assert.deepEqual(readers.flatMap(({ errors }) => errors), []);
    const forms = world.open.map(({ form }) => form).sort();
    const byDatabase = ["database crm", "database shop"];
    assert.deepEqual(forms, denied.length === 1 ? byDatabase : Array(4).fill("collection"));
    await world.end(readers);
  }
});

Deno.test("a change stream that is lost is opened anew for all, and once more when it is lost while others join", async () => {
  const world = new SharedWorld();
  const readers = ["orders", "items", "customers"].map((name) => world.read(name));
  world.insert(5, "orders");
  await world.settle(readers);
  const isHere = (opening: Opening) => comparePositions(opening.from, world.start) > 0;
  readers.push(world.read("late"));
  await loseOnce(world, (opening) => !isHere(opening));
  world.insert(5, "late");
  await world.settle(readers);
  await loseOnce(world, () => true);
  world.insert(5, "orders");
  await world.settle(readers);
  assert.deepEqual(readers.flatMap(({ errors }) => errors), []);
  await world.end(readers);
});

/** The next reading of such a change stream fails, in a way that may pass. */
async function loseOnce(world: SharedWorld, isIt: (opening: Opening) => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  world.faults.replied = (opening, reply) => {
    if (!isIt(opening)) return reply;
    world.faults = {};
    resolve();
    throw new TransientError("interrupted");
  };
  world.insert(1, "items");
  await world.clock.finish(promise);
}
