import { score } from "./rendezvous_hash.ts";

/** A division of streams among instances, which are numbers; `balance` changes `loads` and `place`. */
export interface Division {
  readonly known: readonly string[];
  readonly owners: readonly string[];
  /** By instance: the streams it can run. */
  readonly knows: readonly ReadonlySet<string>[];
  /** By instance: its streams, and what else counts as load. */
  readonly loads: number[];
  /** By stream: the instance. */
  readonly place: Map<string, number>;
  /** By stream that is held: the instance that holds it. */
  readonly home: ReadonlyMap<string, number>;
}

/**
 * Makes the sum of the squared loads as small as knowledge allows, with as few streams away from home as that needs.
 *
 * It is a flow of least cost: an edge from one instance to another is a stream that can go there, and costs 1 where it
 * leaves home and -1 where it comes home; one more stream on an instance costs more than all moves together, and the
 * more the fuller it is. A division is best when there is no cycle of negative cost (Klein 1967), so such cycles are
 * carried out until there is none. Each makes the cost smaller by a whole number, so this ends.
 */
export function balance(division: Division): void {
  // Owners are at home and free streams have none: only where loads differ by two is there anything to win.
  if (Math.max(...division.loads) - Math.min(...division.loads) < 2) return;
  const { known, owners } = division;
  const scores = new Map(known.map((key) => [key, owners.map((owner) => score(key, owner))]));
  for (;;) {
    const edges = cheapestEdges(division, scores);
    const cycle = negativeCycle(edges, division.loads.length + 1);
    if (cycle === undefined) return;
    for (const edge of cycle) carryOut(division, edge);
  }
}

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly cost: number;
  /** Absent where the edge stands for a change of load: the node after the last instance gives and takes it. */
  readonly stream?: string;
}

function cheapestEdges(
  division: Division,
  scores: ReadonlyMap<string, readonly number[]>,
): Edge[] {
  const { loads, known, place } = division;
  const outside = loads.length;
  const loadCost = known.length + 1;
  const edges: Edge[] = [];
  const best = loads.map(() => new Array<Candidate | undefined>(outside));
  for (const stream of known) {
    const from = place.get(stream)!;
    for (let to = 0; to < outside; to++) {
      if (to === from || !division.knows[to]!.has(stream)) continue;
      const cost = moveCost(division.home.get(stream), from, to);
      const candidate = { stream, cost, score: scores.get(stream)![to]! };
      const current = best[from]![to];
      if (current === undefined || isBetter(candidate, current)) best[from]![to] = candidate;
    }
  }
  for (const [from, row] of best.entries()) {
    for (const [to, candidate] of row.entries()) {
      if (candidate !== undefined) edges.push({ from, to, ...candidate });
    }
    edges.push({ from, to: outside, cost: loadCost * (2 * loads[from]! + 1) });
    edges.push({ from: outside, to: from, cost: -loadCost * (2 * loads[from]! - 1) });
  }
  return edges;
}

interface Candidate {
  readonly stream: string;
  readonly cost: number;
  readonly score: number;
}

function moveCost(home: number | undefined, from: number, to: number): number {
  if (home === undefined) return 0;
  return Number(to !== home) - Number(from !== home);
}

/** Streams come in order, so of equals the first stays. */
function isBetter(a: Candidate, b: Candidate): boolean {
  return a.cost < b.cost || (a.cost === b.cost && a.score > b.score);
}

/** The edges of a cycle whose costs add up to less than nothing, in order (Bellman and Ford). */
function negativeCycle(edges: readonly Edge[], nodes: number): Edge[] | undefined {
  const distances = new Array<number>(nodes).fill(0);
  const cameBy = new Array<Edge | undefined>(nodes);
  let changed: number | undefined;
  for (let round = 0; round < nodes; round++) {
    changed = undefined;
    for (const edge of edges) {
      const distance = distances[edge.from]! + edge.cost;
      if (distance >= distances[edge.to]!) continue;
      distances[edge.to] = distance;
      cameBy[edge.to] = edge;
      changed = edge.to;
    }
    if (changed === undefined) return undefined;
  }
  // Something still changes: so many steps back lies the cycle.
  let node = changed!;
  for (let step = 0; step < nodes; step++) node = cameBy[node]!.from;
  const cycle: Edge[] = [];
  for (let edge = cameBy[node]!;; edge = cameBy[edge.from]!) {
    cycle.unshift(edge);
    if (edge.from === node) return cycle;
  }
}

function carryOut({ loads, place }: Division, { from, to, stream }: Edge): void {
  if (stream !== undefined) place.set(stream, to);
  else if (from < loads.length) loads[from]!++;
  else loads[to]!--;
}
