import type { MongoClient } from "mongodb";
import type { DocumentSource, FilterCheck } from "../../../pipeline/documents.ts";
import { DocumentCursorAtOneTime } from "./document_cursor.ts";
import { checkFilter } from "./find_filter.ts";
import { StagedDocumentCursor } from "./staged_cursor.ts";
import { divideCollection, surveyCollections } from "./survey_collections.ts";

/** Documents of a replica set of MongoDB 6.0 or later, read from its primary. `client` is opened and closed by others. */
export function createMongoDocuments(client: MongoClient): DocumentSource & FilterCheck {
  return {
    survey: (request, signal) => surveyCollections(client, request, signal),
    divide: (collection, parts, signal) => divideCollection(client, collection, parts, signal),
    checkFilter: (collection, where, signal) => checkFilter(client, collection, where, signal),
    open: (request, signal) => {
      const cursor = request.settings.stages.length === 0 && request.where === undefined
        ? new DocumentCursorAtOneTime(client, request, signal)
        : new StagedDocumentCursor(client, request, signal);
      return Promise.resolve(cursor);
    },
  };
}
