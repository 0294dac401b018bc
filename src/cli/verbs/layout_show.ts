import { placeJson, placeText } from "../place.ts";
import { showVerb } from "../show_verb.ts";
import type { Report } from "../with_app.ts";

type LayoutReport = Report<"layouts">;
type EpochReport = LayoutReport["epochs"][number];

/** `tributary layout show`. */
export const layoutShow = showVerb({
  name: "layout show",
  summary: "Show into how many streams collections are divided, since when",
  argument: { name: "[collection]", description: "shop.orders" },
  list: (lake, collection) => lake.layouts(collection),
  textOf,
  jsonOf,
});

function textOf({ target, epochs, intended }: LayoutReport): string {
  const lines = [target, ...epochs.flatMap(epochLines)];
  if (intended !== undefined && epochs.at(-1)?.of !== intended) {
    lines.push(`  next: ${countText(intended)}, as soon as the place is fixed`);
  }
  return lines.join("\n") + "\n";
}

function epochLines({ epoch, of, barrier, streams }: EpochReport): string[] {
  const since = barrier === undefined ? "from its start" : `from ${placeText(barrier)}`;
  return [
    `  layout ${epoch}: ${countText(of)} ${since}`,
    ...streams.map(({ stream, state, position }) =>
      `    ${stream}: ${state === "open" ? "at" : "closed at"} ${placeText(position)}`
    ),
  ];
}

function countText(of: number): string {
  return of === 0 ? "retired" : of === 1 ? "1 stream" : `${of} streams`;
}

function jsonOf({ epochs, ...rest }: LayoutReport) {
  return {
    ...rest,
    epochs: epochs.map(({ barrier, streams, ...epoch }) => ({
      ...epoch,
      ...(barrier === undefined ? {} : { barrier: placeJson(barrier) }),
      streams: streams.map((each) => ({ ...each, position: placeJson(each.position) })),
    })),
  };
}
