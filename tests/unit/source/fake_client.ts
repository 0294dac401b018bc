import { type Document, type MongoClient, MongoServerError, ReadPreference } from "mongodb";

export interface SentCommand {
  readonly database: string;
  readonly command: Document;
  readonly options: Document;
}

/** As much of a driver's client as the source uses: `answer` is called for each command, and may throw. */
export interface FakeClient {
  readonly client: MongoClient;
  readonly sent: SentCommand[];
}

export function fakeClient(
  answer: (command: Document, database: string) => unknown,
  readPreference: ReadPreference = ReadPreference.primary,
): FakeClient {
  const sent: SentCommand[] = [];
  const fake = {
    readPreference,
    options: {},
    on: () => fake,
    close: () => Promise.resolve(),
    startSession: () => ({ endSession: () => Promise.resolve() }),
    db: (database: string) => ({
      client: fake,
      databaseName: database,
      command: async (command: Document, options: Document = {}) => {
        sent.push({ database, command, options });
        return await answer(command, database);
      },
      runCursorCommand: (command: Document, options: Document = {}) => ({
        toArray: async () => {
          sent.push({ database, command, options });
          return await answer(command, database);
        },
      }),
    }),
  };
  return { client: fake as unknown as MongoClient, sent };
}

export function serverError(code: number, message = "no", labels: string[] = []): MongoServerError {
  const error = new MongoServerError({ message, errmsg: message, code });
  for (const label of labels) error.addErrorLabel(label);
  return error;
}
