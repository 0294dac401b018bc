/** How often something has changed that somebody may wait for; shared by the parts of a fleet in memory. */
export class ChangeCounter {
  #count = 0;

  get count(): number {
    return this.#count;
  }

  increment(): void {
    this.#count++;
  }
}
