import { placeJson, placeText } from "../place.ts";
import { showVerb } from "../show_verb.ts";
import type { Report } from "../with_app.ts";

type PositionReport = Report<"positions">;

/** `tributary position show`. */
export const positionShow = showVerb({
  name: "position show",
  summary: "Show where streams stand",
  argument: { name: "[stream]", description: "database:shop, shop.orders, or its key" },
  list: (lake, stream) => lake.positions(stream),
  textOf,
  jsonOf,
});

function textOf({ stream, state, position, record }: PositionReport): string {
  const lines = [`${stream}${STATES[state]}`];
  if (position !== undefined) {
    lines.push(`  position  ${placeText(position)}`);
    if (position.data !== "") lines.push(`  token     ${position.data}`);
  }
  if (record !== undefined) {
    const { seq, kind, storedThrough, writtenAt, owner } = record;
    lines.push(`  records   ${seq + 1}, the last is ${kind}; ${storedText(seq, storedThrough)}`);
    lines.push(`  written   ${writtenAt} by ${owner}`);
  }
  return lines.join("\n") + "\n";
}

function storedText(last: number, through: number): string {
  if (through >= last) return "all is stored";
  const first = through + 1;
  return first === last
    ? `objects of record ${last} are not stored`
    : `objects of records from ${first} to ${last} are not all stored`;
}

const STATES = {
  open: "",
  closed: ": closed, nothing follows",
  fixed: ": not begun, will begin here",
  lost:
    ": the first record of its journal is gone; restore it, or accept that with `tributary position adopt`",
} as const;

function jsonOf({ position, record, ...rest }: PositionReport) {
  return {
    ...rest,
    ...(position === undefined ? {} : { position: placeJson(position) }),
    ...record,
  };
}
