import { type StreamLimits, streamParts } from "../../src/app/stream_parts.ts";
import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { createObjectCoverage } from "../../src/journal/object_coverage.ts";
import { createObjectJournal } from "../../src/journal/object_journal.ts";
import { createObjectLayouts } from "../../src/journal/object_layouts.ts";
import { createObjectSnapshots } from "../../src/journal/object_snapshots.ts";
import { errorMessage } from "../../src/model/errors.ts";
import type { StreamSettings } from "../../src/model/settings.ts";
import { createOperator, type Operator } from "../../src/operate/operator.ts";
import { AS_BEFORE } from "../../src/pipeline/record/record_format.ts";
import type { StreamOptions } from "../../src/pipeline/stream_context.ts";
import { announceSnapshots } from "../../src/pipeline/snapshot/announce.ts";
import { createObjectSink } from "../../src/sink/object_sink.ts";
import type { SeededRandom } from "../support/seeded_random.ts";
import { Boundary, type Fault, type OutsideCall, type Weather } from "./boundary.ts";
import { reachServices } from "./outside_services.ts";
import { SimClock } from "./sim_clock.ts";
import type { SimWorld } from "./sim_world.ts";

const LIMITS: StreamLimits = {
  ...{ memoryBudgetBytes: 64 * 1024, openingsMax: 1, redosMax: 1 },
  recordFormat: "auto",
};

/** A call of a person takes so long, each way: what runs meanwhile gets in between. */
const DELAY_MS_MAX = 120;

export interface OperatorChoice {
  readonly name: string;
  readonly settings: StreamSettings;
  readonly options: StreamOptions;
  readonly random: SeededRandom;
  readonly takesSnapshots: boolean;
  /** It dies at the write with this number, counted from 0, before or after it takes place. */
  readonly death?: { readonly atWrite: number; readonly when: "before" | "after" };
}

/** A person's command: a program of its own, which does one thing and ends, or dies in the middle of it. */
export class SimOperator {
  readonly name: string;
  /** How it ended; undefined while it is at work. */
  outcome: "done" | "refused" | "died" | undefined;
  /** Why it was refused. */
  reason = "";
  readonly #stop = new AbortController();
  readonly #end: (outcome: "done" | "refused" | "died") => void;

  constructor(
    world: SimWorld,
    choice: OperatorChoice,
    work: (operator: Operator) => Promise<unknown>,
  ) {
    this.name = `operator-${choice.name}`;
    const clock = new SimClock(world.clock, { rate: 1, wallAheadMs: 0 });
    this.#end = (outcome) => {
      if (this.outcome !== undefined) return;
      this.outcome = outcome;
      world.log.add(this.name, `${outcome} ${this.reason}`);
    };
    const boundary = new Boundary(this.name, {
      world: world.clock,
      clock,
      weather: mortality(choice),
      log: world.log,
      crash: () => {
        clock.kill();
        outside.close();
        this.#end("died");
      },
    });
    const outside = reachServices(world, boundary);
    const { lake, destination } = outside;
    const snapshotFiles = createObjectSnapshots(lake);
    const journal = createObjectJournal(lake);
    const operator = createOperator({
      ...(choice.takesSnapshots
        ? {
          snapshotFiles,
          snapshots: announceSnapshots({
            ...{ files: snapshotFiles, journal, clock, wish: { kind: "initial" } },
          }),
        }
        : {}),
      ...streamParts({
        ...{ clock, random: choice.random },
        ...{ source: outside.source, namespaces: outside.namespaces, state: outside.state },
        sink: createObjectSink(destination),
        journal,
        layouts: createObjectLayouts(lake),
        coverage: createObjectCoverage(lake),
      }, LIMITS),
      settings: choice.settings,
      options: choice.options,
      encoder: createInlineEncoder(clock),
      recordFormat: AS_BEFORE,
      owner: `${this.name}-1`,
      signal: this.#stop.signal,
    });
    work(operator).then(() => this.#end("done"), (error: unknown) => {
      this.reason = errorMessage(error);
      this.#end("refused");
    });
  }

  /** As Ctrl+C does. */
  interrupt(): void {
    this.#stop.abort(new DOMException("Interrupted", "AbortError"));
  }
}

/** No weather but the operator's own death. */
function mortality({ random, death }: OperatorChoice): Weather {
  let writes = 0;
  return {
    fault({ service, method }: OutsideCall): Fault | undefined {
      if (!(service === "lake" || service === "objects") || method !== "put") return undefined;
      const isLast = death !== undefined && writes === death.atWrite;
      writes++;
      return isLast ? { kind: "crash", when: death.when } : undefined;
    },
    delayMs: () => random.below(DELAY_MS_MAX),
    isCut: () => false,
  };
}
