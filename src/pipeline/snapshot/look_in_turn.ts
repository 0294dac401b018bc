import { mapLimited } from "../../support/flow/limited.ts";

/** Targets that are looked at side by side: where there are hundreds, each look is several requests. */
export const TARGETS_IN_FLIGHT_MAX = 8;

/** Slice after slice until so much was found; whether something is left. */
export async function inTurn(
  ids: readonly string[],
  slice: number,
  enough: number,
  look: (ids: readonly string[]) => Promise<number>,
): Promise<boolean> {
  let first = 0;
  for (let found = 0; first < ids.length && found < enough;) {
    found += await look(ids.slice(first, first += slice));
  }
  return first < ids.length;
}

/** Of one target one after the other: one may stand for the next. */
export async function lookAtAll(
  ids: readonly string[],
  look: (id: string) => Promise<void>,
): Promise<void> {
  const targets = Map.groupBy(ids, (id) => id.slice(0, id.lastIndexOf(".")));
  await mapLimited([...targets.values()], TARGETS_IN_FLIGHT_MAX, async (ids) => {
    for (const id of ids) await look(id);
  });
}
