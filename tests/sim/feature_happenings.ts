import { anyChange, changeAsOperator, type Happening } from "./happenings.ts";
import { orderSnapshot } from "./asked_happenings.ts";
import { divideInTrouble } from "./border_happenings.ts";
import { command } from "./operator_verbs.ts";
import { copyLake } from "./lake_copy.ts";
import { forgetWhileReleasing, jam, sleepUntilBuried } from "./meetings.ts";
import { retireAll } from "./retiring.ts";
import { shareHappening } from "./shared_happenings.ts";
import {
  changeDocuments,
  fillCollections,
  oldPrimary,
  renameOnto,
  troubleChunk,
} from "./snapshot_happenings.ts";
import type { Simulation } from "./simulation.ts";
import { NAMESPACES } from "./targets.ts";

/** Changes of a transaction: more than a batch holds, so that batches end inside. */
const TRANSACTION_CHANGES_MAX = 14;

/** How often a change in a transaction is one that the server cannot produce. */
const UNREADABLE_IN_TRANSACTION = 0.06;

/** Collections that come and go; a name may come back. */
const TEMPORARY_MAX = 6;

/** What happens at this moment because of what this world has. */
export function featureHappenings(sim: Simulation, moment: number): Happening[] {
  const { features, extra } = sim;
  const happenings: Happening[] = [];
  if (features.transactions && extra.chance(0.4)) happenings.push(transact);
  if (features.splitsLargeEvents && extra.chance(0.3)) happenings.push(writeLarge);
  if (features.lastDrops && extra.chance(0.15)) happenings.push(dropLast);
  if (features.verbs && extra.chance(0.1)) happenings.push((sim) => void command(sim));
  if (features.watch === "listed" && extra.chance(0.4)) happenings.push(comeAndGo);
  if (features.copies && sim.copiedAt === moment) happenings.push(copyLake);
  const isTold = sim.retirements.length > 0;
  if (features.shares && sim.sharing.chance(0.7)) happenings.push(shareHappening);
  if (features.watch === "retired" && extra.chance(isTold ? 0.1 : 0.04)) happenings.push(retireAll);
  if (features.snapshots && sim.snapshotting.chance(0.6)) happenings.push(changeDocuments);
  if (features.snapshots && sim.snapshotting.chance(0.08)) happenings.push(oldPrimary);
  if (features.snapshots && sim.snapshotting.chance(0.4)) happenings.push(troubleChunk);
  if (features.snapshots && sim.snapshotting.chance(0.04)) happenings.push(renameOnto);
  if (sim.hasAsked && sim.asking.chance(0.1)) happenings.push(orderSnapshot);
  if (features.borders && sim.mixing.chance(0.1)) happenings.push(divideInTrouble);
  if (features.sleepers && sim.mixing.chance(0.1)) happenings.push(sleepUntilBuried);
  if (features.meetings && sim.meeting.chance(0.12)) {
    happenings.push(sim.meeting.pick([forgetWhileReleasing, jam]));
  }
  return happenings;
}

/** Before anybody starts. */
export async function opening(sim: Simulation): Promise<void> {
  if (sim.features.snapshots) fillCollections(sim);
  if (!sim.features.lastDrops || !sim.extra.chance(0.6)) return;
  dropSomething(sim);
  sim.start();
  // Nobody writes until all streams have begun.
  await sim.pass(sim.extra.below(8000));
}

function transact({ world, extra }: Simulation): void {
  const length = 2 + extra.below(TRANSACTION_CHANGES_MAX);
  const changes = Array.from({ length }, () => {
    const change = anyChange(world, extra);
    if (change.operation !== "update" || !extra.chance(UNREADABLE_IN_TRANSACTION)) return change;
    const { fullDocument: _, ...rest } = change;
    return { ...rest, unreadable: extra.pick(["image-missing", "too-large"] as const) };
  });
  world.log.add("world", `a transaction of ${length}`);
  world.appendTransaction(changes);
}

function writeLarge({ world, extra }: Simulation): void {
  const [database, collection] = extra.pick(NAMESPACES);
  const id = world.documentId(world.nextNumber());
  const change = { operation: "update", database, collection, id } as const;
  world.log.add("world", `too large an event in ${database}.${collection}`);
  world.append({
    ...change,
    fullDocument: { large: true },
    updateDescription: { updatedFields: { large: true } },
    unreadable: "too-large",
  });
}

/** Something is dropped, then a collection is divided, or all are killed; nothing is written meanwhile. */
async function dropLast(sim: Simulation): Promise<void> {
  const { extra, targets, world } = sim;
  dropSomething(sim);
  const mayDivide = targets.collections.length > 0 && !world.isBehind && sim.mayDivide;
  if (mayDivide && extra.chance(0.5)) {
    await changeAsOperator(sim, extra.pick(targets.collections), 1 + extra.below(4));
  } else {
    for (const each of sim.living()) each.kill();
  }
  await sim.pass(extra.below(12_000));
}

function dropSomething({ world, extra }: Simulation): void {
  const [database, collection] = extra.pick(NAMESPACES);
  world.log.add("world", `drop ${database}.${collection}, and nothing after it`);
  world.append({ operation: "drop", database, collection });
}

/** A collection is created and filled; often it is dropped again, sooner or later. Sometimes nobody runs meanwhile. */
async function comeAndGo(sim: Simulation): Promise<void> {
  const { world, extra } = sim;
  const name = `tmp${extra.below(TEMPORARY_MAX)}`;
  if (extra.chance(0.2)) {
    for (const each of sim.living()) each.kill();
  }
  world.log.add("world", `shop.${name} comes`);
  for (let n = 1 + extra.below(9); n > 0; n--) {
    const number = world.nextNumber();
    const id = world.documentId(number);
    const place = { database: "shop", collection: name, id };
    world.append({ operation: "insert", ...place, fullDocument: { number } });
  }
  if (extra.chance(0.4)) return;
  await sim.pass(extra.below(extra.pick([1, 2000, 9000])));
  world.log.add("world", `shop.${name} goes`);
  world.append({ operation: "drop", database: "shop", collection: name });
}
