import type { Collection, Db } from "mongodb";
import { sleep, systemClock } from "../../src/support/clock.ts";

/** What applications do to collections of numbered documents while snapshots of them are taken. */
export class SnapshotChanges implements AsyncDisposable {
  readonly #collections: Collection[];
  readonly #documents: number;
  readonly #stop = new AbortController();
  #running: Promise<number>[] = [];

  /** `documents`: how many each collection has, numbered from 0. */
  constructor(db: Db, names: readonly string[], documents: number) {
    this.#collections = names.map((name) => db.collection(name));
    this.#documents = documents;
  }

  begin(): void {
    this.#running = this.#collections.map((each) => this.#change(each));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  /** Answers how many events there were. */
  async end(): Promise<number> {
    this.#stop.abort();
    return (await Promise.all(this.#running)).reduce((sum, each) => sum + each, 0);
  }

  /** Inserts, changes and deletes until it is told to stop; answers how many events that makes. */
  async #change(collection: Collection): Promise<number> {
    const { signal } = this.#stop;
    let events = 0;
    for (let n = 0; !signal.aborted; n++) {
      const [changed, gone] = [(n * 37) % this.#documents, (n * 101) % this.#documents];
      await collection.insertOne({ n: this.#documents + n, text: "new" });
      const updated = await collection.updateOne({ n: changed }, { $set: { at: n } });
      const deleted = await collection.deleteOne({ n: gone });
      events += 1 + updated.modifiedCount + deleted.deletedCount;
      await sleep(systemClock, 20, signal).catch(() => {}); // Others want to write as well.
    }
    return events;
  }
}
