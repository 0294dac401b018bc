import { BSON, Timestamp } from "mongodb";
import type { Position } from "../model/position.ts";
import type { Partition } from "../model/stream.ts";
import type { StreamSettings } from "../model/settings.ts";
import type { OpenRequest } from "../pipeline/stages.ts";
import { namespaceMatch } from "./namespace_match.ts";

/** An aggregation stage. */
export type Stage = Record<string, unknown>;

/**
 * The aggregation pipeline of a change stream: `$changeStream`, the partition's match, the wanted namespaces, the user's
 * stages, and last, where the server knows it, the stage that splits events over 16 MB.
 *
 * With `images: "when-available"` the user's stages are left out: they may be the reason why an event cannot be read.
 */
export function changeStreamPipeline(request: OpenRequest, splitLargeEvents: boolean): Stage[] {
  const { stream, settings, images } = request;
  const stages: Stage[] = [{ $changeStream: changeStreamOptions(request) }];
  if (stream.level === "collection" && stream.partition !== undefined) {
    stages.push({ $match: partitionMatch(stream.partition) });
  }
  if (stream.level !== "collection") {
    const database = stream.level === "database" ? stream.database : undefined;
    const match = namespaceMatch(settings.namespaces, database);
    if (match !== undefined) stages.push({ $match: match });
  }
  if (images !== "when-available") stages.push(...settings.stages.map(toStage));
  if (splitLargeEvents) stages.push({ $changeStreamSplitLargeEvent: {} });
  return stages;
}

function changeStreamOptions(request: OpenRequest): Stage {
  const { settings, images, stream } = request;
  const options: Stage = startOption(request.from);
  if (stream.level === "deployment") options["allChangesForCluster"] = true;
  if (images === "off") return options;
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
 */
function startOption(from: Position): Stage {
  if (from.invalidate === true) return { startAfter: tokenOf(from) };
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

function toStage(stage: unknown): Stage {
  return BSON.EJSON.deserialize(stage as BSON.Document, { relaxed: false }) as Stage;
}
