import type { Mutation } from "./mutation.ts";

/** Ways to break what many streams read by one change stream. */
export const SHARED_MUTATIONS: readonly Mutation[] = [
  {
    name: "give those who share a change stream what they have had",
    file: "src/source/shared/member.ts",
    from: "    this.#isBehindFloor = comparePositions(asEnd(this.#floor), asEnd(from)) > 0;",
    to: "    void from;",
  },
  {
    name: "open a shared change stream where it stood, whoever joins",
    file: "src/source/shared/group.ts",
    from: "    const lowest = marks.reduce(",
    to: "    const lowest = this.#mark ?? marks.reduce(",
  },
  {
    name: "give a rename to its old name only",
    file: "src/source/shared/group.ts",
    from: "    if (spans.toStart < 0) return",
    to: "    if (spans.toStart < Infinity) return",
  },
  {
    name: "forget half of those that fail together",
    file: "src/source/shared/shared_source.ts",
    from: "    for (const half of [inOrder.slice(0, middle), inOrder.slice(middle)]) {",
    to: "    for (const half of [inOrder.slice(0, middle)]) {",
  },
  {
    name: "keep what was ready for a stream that goes on alone",
    firstSeed: 272,
    file: "src/source/shared/member.ts",
    from: "    this.#floor = this.#given;\n    this.#drop();",
    to: "    this.#floor = this.#given;",
  },
  {
    name: "mark as read what waits to be taken",
    firstSeed: 117,
    file: "src/source/shared/member.ts",
    from: "    this.#given = this.#heldBytes === 0 ? this.mark : lastPosition(bytes, starts);",
    to: "    this.#given = this.mark; void lastPosition;",
  },
  {
    name: "divide what the change stream before answers late",
    firstSeed: 96,
    file: "src/source/shared/group.ts",
    from: "        if (reading === this.#reading) this.#divide(reading, reply, isFull);",
    to: "        this.#divide(reading, reply, isFull);",
  },
  {
    name: "go on after the invalidate of a change stream of another form",
    firstSeed: 54,
    file: "src/source/shared/member.ts",
    from: "      : withoutInvalidate(mark);",
    to: "      : mark;",
    also: [{
      file: "src/source/shared/shared_source.ts",
      from: "      from: afterInvalidateOf === form ? from : withoutInvalidate(from),",
      to: "      from: (void afterInvalidateOf, from),",
    }],
  },
  {
    name: "open a database's change stream by time where it has ended",
    file: "src/source/shared/group.ts",
    from: "    this.#invalidated = reading.form;",
    to: "    this.#invalidated = undefined;",
  },
];
