import type { MongoClient } from "mongodb";
import type { DocumentSource, FilterCheck } from "../../../pipeline/documents.ts";
import { DocumentCursorAtOneTime } from "./document_cursor.ts";
import { findAny } from "./find_any.ts";
import { checkFilter } from "./find_filter.ts";
import { StagedDocumentCursor } from "./staged_cursor.ts";
import { divideCollection, surveyCollections } from "./survey_collections.ts";

/**
 * Documents of a replica set of MongoDB 6.0 or later. `client` asks its primary, and is opened and closed by others;
 * `clientForCursor` answers whom to read from, one server for all of a cursor.
 */
export function createMongoDocuments(
  client: MongoClient,
  clientForCursor: (signal: AbortSignal) => Promise<MongoClient> = () => Promise.resolve(client),
): DocumentSource & FilterCheck {
  return {
    survey: (request, signal) => surveyCollections(client, request, signal),
    divide: (collection, parts, signal) => divideCollection(client, collection, parts, signal),
    findAny: (request, signal) => findAny(client, request, signal),
    checkFilter: (collection, where, signal) => checkFilter(client, collection, where, signal),
    open: async (request, signal) => {
      const reader = await clientForCursor(signal);
      return request.settings.stages.length === 0 && request.where === undefined
        ? new DocumentCursorAtOneTime(reader, request, signal)
        : new StagedDocumentCursor(reader, request, signal);
    },
  };
}
