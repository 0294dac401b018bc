import type { CollectionStream, Layout } from "../model/layout.ts";
import { type Adoption, adoptStream } from "./adopt_stream.ts";
import { changeLayout } from "./change_layout.ts";
import { type LayoutReport, readLayoutReports } from "./layout_report.ts";
import { type Move, movePosition } from "./move_position.ts";
import type { OperatorParts } from "./operator_context.ts";
import type { Point } from "../model/start_from.ts";
import { type PositionReport, readPositions } from "./position_report.ts";
import { type Retirement, retireStreams } from "./retire_streams.ts";
import type { Journal, Layouts } from "../pipeline/ports.ts";
import type { Sink } from "../pipeline/sink.ts";

/** What people look at in a lake. */
export interface LakeView {
  /** Where streams stand: all, or those that `word` names. */
  positions(word?: string): Promise<PositionReport[]>;
  /** How collections are divided: all, or the one that `word` names. */
  layouts(word?: string): Promise<LayoutReport[]>;
}

/** What people do to streams; each function says more at its own place. */
export interface Operator {
  move(word: string, point: Point, force: boolean): Promise<Move[]>;
  adopt(word: string, at: Point | undefined): Promise<Adoption[]>;
  divide(collection: CollectionStream, of: number): Promise<Layout>;
  retire(words: readonly string[]): Promise<Retirement>;
}

export function createLakeView(
  journal: Journal,
  layouts: Layouts,
  sink: Pick<Sink, "look">,
): LakeView {
  return {
    positions: (word) => readPositions(journal, sink, word),
    layouts: (word) => readLayoutReports(journal, layouts, word),
  };
}

export function createOperator(parts: OperatorParts): Operator {
  return {
    move: (word, point, force) => movePosition(parts, word, point, force),
    adopt: (word, at) => adoptStream(parts, word, at),
    divide: (collection, of) => changeLayout(parts, collection, of),
    retire: (words) => retireStreams(parts, words),
  };
}
