import { BSON, Timestamp } from "mongodb";
import { timeAfter } from "../model/cluster_time.ts";
import { isInvented, isToken, type Position } from "../model/position.ts";
import type { Partition } from "../model/stream.ts";
import type { StreamSettings } from "../model/settings.ts";
import type { ChangeStreamRequest } from "./change_stream_request.ts";
import { collectionsMatch, namespaceMatch } from "./namespace_match.ts";
import { tokenBounds } from "./token_bounds.ts";

/** An aggregation stage. */
export type Stage = Record<string, unknown>;

/**
 * The aggregation pipeline of a change stream: `$changeStream`, what is not to be met again, the partition's match, the
 * wanted namespaces, the user's stages, and last, where the server knows it, the stage that splits events over 16 MB.
 *
 * In the poorer forms the user's stages are left out: they may be the reason why an event cannot be read, and what they
 * look at may not be there.
 */
export function changeStreamPipeline(
  request: ChangeStreamRequest,
  splitLargeEvents: boolean,
): Stage[] {
  const { stream, settings, images } = request;
  const stages: Stage[] = [{ $changeStream: changeStreamOptions(request) }];
  const bounds = tokenBounds(request.from, request.through);
  if (bounds !== undefined) stages.push({ $match: bounds });
  if (stream.level === "collection" && stream.partition !== undefined) {
    stages.push({ $match: partitionMatch(stream.partition) });
  }
  if (stream.level !== "collection") {
    const database = stream.level === "database" ? stream.database : undefined;
    const match = request.members === undefined
      ? namespaceMatch(settings.namespaces, database)
      : collectionsMatch(request.members, database);
    if (match !== undefined) stages.push({ $match: match });
  }
  if (images === "as-set") stages.push(...settings.stages.map(toStage));
  if (images === "none-but-names") stages.push({ $project: NAMES });
  if (splitLargeEvents) stages.push({ $changeStreamSplitLargeEvent: {} });
  return stages;
}

/** What an event is about; even that of the largest document is small so. */
const NAMES: Stage = {
  operationType: 1,
  clusterTime: 1,
  wallTime: 1,
  ns: 1,
  to: 1,
  documentKey: 1,
};

function changeStreamOptions(request: ChangeStreamRequest): Stage {
  const { settings, images, stream } = request;
  const options: Stage = startOption(request.from);
  if (stream.level === "deployment") options["allChangesForCluster"] = true;
  if (images === "off" || images === "none-but-names") return options;
  const fullDocument = images === "as-set" ? fullDocumentOption(settings) : imageOption(settings);
  if (fullDocument !== undefined) options["fullDocument"] = fullDocument;
  const before = settings.fullDocumentBeforeChange;
  if (before !== "off") {
    options["fullDocumentBeforeChange"] = images === "when-available" || before === "when-available"
      ? "whenAvailable"
      : "required";
  }
  return options;
}

/**
 * Opening by time never needs the position's own event to pass the pipeline, as `resumeAfter` would (error 280). Only
 * behind an invalidate there is no way but its token.
 *
 * A position after all events of a time is no token, whatever else is said of it (journals of before say of some that they
 * are of an invalidate): nothing of that time is left to read, also no invalidate.
 */
function startOption(from: Position): Stage {
  if (isInvented(from)) {
    return { startAtOperationTime: new Timestamp(timeAfter(from.operationTime)) };
  }
  if (from.invalidate === true && isToken(from.data)) return { startAfter: tokenOf(from) };
  return { startAtOperationTime: new Timestamp(from.operationTime) };
}

function tokenOf(position: Position): Stage {
  if (position.typeBits === undefined) return { _data: position.data };
  const typeBits = new BSON.Binary(BSON.Binary.createFromBase64(position.typeBits).buffer);
  return { _data: position.data, _typeBits: typeBits };
}

function fullDocumentOption(settings: StreamSettings): string | undefined {
  switch (settings.fullDocument) {
    case "off":
      return undefined;
    case "update-lookup":
      return "updateLookup";
    case "when-available":
      return "whenAvailable";
    case "required":
      return "required";
  }
}

/** A missing image must not stop the stream: what was required becomes null. */
function imageOption(settings: StreamSettings): string | undefined {
  return settings.fullDocument === "required" ? "whenAvailable" : fullDocumentOption(settings);
}

/**
 * Divides events by the hash of their `_id`. The remainder has the sign of the hash, so both residues belong to the
 * partition. Events without a document key hash to one constant: exactly one partition sees them.
 */
function partitionMatch(partition: Partition): Stage {
  const residue = partition.index - 1;
  const hash = { $toHashedIndexKey: "$documentKey._id" };
  return { $expr: { $in: [{ $mod: [hash, partition.of] }, [residue, residue - partition.of]] } };
}

export function toStage(stage: unknown): Stage {
  return BSON.EJSON.deserialize(stage as BSON.Document, { relaxed: false }) as Stage;
}
