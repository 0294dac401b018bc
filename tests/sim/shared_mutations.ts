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
    name: "keep what was ready for a stream that goes on alone",
    file: "src/source/shared/member.ts",
    from: "    this.#floor = this.#given;\n    this.#drop();",
    to: "    this.#floor = this.#given;",
  },
  {
    name: "mark as read what waits to be taken",
    file: "src/source/shared/member.ts",
    from: "    this.#given = this.#heldBytes === 0 ? this.mark : lastPosition(bytes, starts);",
    to: "    this.#given = this.mark; void lastPosition;",
  },
  {
    name: "give a rename to its old name only",
    file: "src/source/shared/group.ts",
    from: "    if (spans.toStart < 0) return",
    to: "    if (spans.toStart < Infinity) return",
  },
  {
    name: "go on after an invalidate by another form of change stream",
    file: "src/source/shared/shared_source.ts",
    from: "      from: afterInvalidateOf === form ? from : plain(from),",
    to: "      from: { ...from, ...(afterInvalidateOf && { invalidate: true }) },",
  },
  {
    name: "give what comes late by a change stream that was replaced",
    file: "src/source/shared/group.ts",
    from: "        if (reading === this.#reading) this.#divide(",
    to: "        this.#divide(",
  },
  {
    name: "forget half of those that fail together",
    file: "src/source/shared/shared_source.ts",
    from: "    for (const half of [inOrder.slice(0, middle), inOrder.slice(middle)]) {",
    to: "    for (const half of [inOrder.slice(0, middle)]) {",
  },
  {
    name: "give the last of a group what it has had",
    file: "src/source/shared/member.ts",
    from: "      return !this.#hasHad(bytes, spans);",
    to: "      return true;",
  },
  {
    name: "forget who comes while all others are refused",
    file: "src/source/shared/group.ts",
    from: "return this.everybody.length === 0 ? this.#end() : undefined;",
    to: "return this.#end();",
  },
  {
    name: "forget how a shared change stream has ended",
    file: "src/source/shared/group.ts",
    from: "    this.#invalidated = reading.form;",
    to: "    void reading.form;",
  },
  {
    name: "keep room for a reply that nobody awaits",
    file: "src/source/shared/group_reading.ts",
    from: "    this.#awaited?.release();\n",
    to: "",
  },
  {
    name: "read on for a member that was closed before it has joined",
    file: "src/source/shared/member.ts",
    from: "    const group = this.#group ?? this.#joins;",
    to: "    const group = this.#group;",
  },
];
