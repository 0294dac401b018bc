import type {
  RenamedOnto,
  SnapshotCancel,
  SnapshotEnd,
  SnapshotIntent,
  SnapshotPlan,
} from "../model/snapshot.ts";
import type { Position } from "../model/position.ts";
import type { Stream } from "../model/stream.ts";
import type { SourceDescription } from "./ports.ts";

/** The files of snapshots in the lake. Each is written once; the first write counts. */
export interface SnapshotFiles {
  /** The answer is what counts, the very one that was given or an earlier one. */
  putIntent(intent: SnapshotIntent): Promise<SnapshotIntent>;
  putCancel(cancel: SnapshotCancel): Promise<SnapshotCancel>;
  putPlan(plan: SnapshotPlan): Promise<SnapshotPlan>;
  putEnd(end: SnapshotEnd): Promise<SnapshotEnd>;
  /** All snapshots by their ids. */
  find(): Promise<ReadonlyMap<string, SnapshotFound>>;
  readIntent(id: string): Promise<SnapshotIntent | undefined>;
  readPlan(id: string): Promise<SnapshotPlan | undefined>;
  readEnd(id: string): Promise<SnapshotEnd | undefined>;
}

export interface SnapshotFound {
  readonly hasPlan: boolean;
  readonly hasEnd: boolean;
  readonly isCancelled: boolean;
}

/** Asks the server what it is: only where something is announced. */
export type AskServer = () => Promise<SourceDescription>;

/** Who is told that a target is streamed for the first time. */
export interface SnapshotAnnouncer {
  /**
   * Before this start of it is fixed: once it is, nobody can tell any more what was there before. `followed`: the retired targets at whose
   * end it begins. `PermanentError` where no snapshot can be taken of it.
   */
  initial(
    stream: Stream,
    start: Position,
    server: AskServer,
    followed?: readonly Stream[],
  ): Promise<void>;
  /** Whether it is known that nothing was there where a journal of the stream begins; always false where no snapshots are taken. */
  wasEmpty(stream: Stream, start: Position, server: AskServer): Promise<boolean>;
  /** Before the record with this number says that something of the stream is lost; errors as above. */
  lost(stream: Stream, seq: number, server: AskServer): Promise<void>;
  /** Before a batch is appended with the event. Does nothing where no snapshot can be taken, or none is wanted. */
  renamed(stream: Stream, onto: RenamedOnto, server: AskServer): Promise<void>;
}
