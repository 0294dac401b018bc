import type { ClusterTime } from "../model/cluster_time.ts";
import type { Piece } from "../model/snapshot.ts";
import type { NamespaceFilter, StreamSettings } from "../model/settings.ts";
import type { Stream } from "../model/stream.ts";
import type { NamespaceName } from "./namespaces.ts";
import type { ReadableReply } from "./read/readable_reply.ts";

/** Documents of collections as they were at one time. Methods throw the errors of `model/errors.ts`. */
export interface DocumentSource {
  /**
   * The collections of a target, told by a server that has come to `floor`; `TransientError` where it has not, and
   * `PermanentError` where the server is none that snapshots can be read from. Views, time series and system collections are
   * left out.
   */
  survey(request: SurveyRequest, signal: AbortSignal): Promise<readonly SurveyedCollection[]>;
  /**
   * `_id`s that divide a collection into about `parts`, in the server's order, each once, and behind them the greatest there
   * is, all as they were at one time. None where there are too few documents to be divided.
   */
  divide(
    collection: SurveyedCollection,
    parts: number,
    signal: AbortSignal,
  ): Promise<Division>;
  /** Whether a collection has any document; one that is not there has none. Errors as of `open`. */
  findAny(request: FindAnyRequest, signal: AbortSignal): Promise<FoundAny>;
  /**
   * `HistoryLostError` where `at` is given and cannot be read any more, there or by `next`. What is capped is read as it is at
   * `at` or was later, and never again.
   */
  open(request: DocumentRequest, signal: AbortSignal): Promise<DocumentCursor>;
}

/** Where a collection is divided. */
export interface Division {
  /** What is greater than the last bound, and no event of the stream, was not there at that time. */
  readonly at: ClusterTime;
  readonly bounds: readonly string[];
}

export interface FindAnyRequest extends NamespaceName {
  /** A server that has not come to it may take for ever to answer. Absent: the newest time that the server can read at. */
  readonly at?: ClusterTime;
}

export interface FoundAny {
  readonly isEmpty: boolean;
  /** It was so at this time. */
  readonly at: ClusterTime;
}

/** Looks at what a person wants to be left out. */
export interface FilterCheck {
  /**
   * The filter in the form that plans have. `PermanentError` where it is none, or the server does not take it for this
   * collection.
   */
  checkFilter(collection: NamespaceName, where: string, signal: AbortSignal): Promise<string>;
}

export interface SurveyRequest {
  readonly stream: Stream;
  readonly namespaces: NamespaceFilter;
  readonly floor: ClusterTime;
}

export interface SurveyedCollection extends NamespaceName {
  /** 32 hex digits. */
  readonly uuid: string;
  /** An estimate. */
  readonly documents: number;
  /** The server cannot read it as it was at one time. */
  readonly isCapped: boolean;
}

export interface DocumentRequest {
  readonly piece: Piece;
  /** In place of the piece's. */
  readonly from?: string;
  readonly to?: string;
  /** Only documents that fit, as in a plan. */
  readonly where?: string;
  /** Absent: the newest time that the server can read at. */
  readonly at?: ClusterTime;
  /** What tokens have behind the time, and the number of the first row. */
  readonly suffix: string;
  readonly row: number;
  readonly settings: StreamSettings;
}

export interface DocumentCursor {
  /** For one reply no more than about `documentsMax` are read, also of such as stages or a filter leave out. */
  next(rowsMax: number, ahead?: () => number, documentsMax?: number): Promise<DocumentReply>;
  close(): Promise<void>;
  /** What it has ready is counted in nobody's budget. */
  readonly holdsRoom: false;
}

/**
 * Events with the operation `snapshot`, in the order of `_id`, or the documents that these are to be made of; `highWater` is the
 * position of the last. Events are as the user's stages have left them, and some documents may have none.
 */
export interface DocumentReply extends ReadableReply {
  /** Of `gone`, how far the server had come that said so. */
  readonly at: ClusterTime;
  /** Where the document of each event stands, also of one that is unreadable; absent where the events' document keys tell. */
  readonly bounds?: readonly string[];
  /** All documents before this one are in this reply or an earlier one, or have no event. */
  readonly scannedTo?: string;
  /** How many documents were read for it, or will be for it and the next ones; absent: as many as there are rows. */
  readonly scanned?: number;
  /** `gone`: the collection is another one now. At both ends `invalidated` is set, so that nobody reads on. */
  readonly state: "more" | "ended" | "gone";
}
