import { COLUMNS, type ColumnType } from "../../model/columns.ts";
import { appIdOf, recordMark, type StreamMark } from "../stream_marks.ts";
import { addHoles, type StreamSteps, type TableName } from "../table_log.ts";
import {
  holeProperties,
  holesOf,
  nameProperties,
  type TableProperties,
} from "../table_properties.ts";

const ICEBERG_TYPES: Readonly<Record<ColumnType, string>> = {
  string: "string",
  timestamp: "timestamptz",
  int32: "int",
  json: "string",
};

const FIELDS = COLUMNS.map(({ name, type, nullable }, i) => ({
  ...{ id: i + 1, name, required: !nullable, type: ICEBERG_TYPES[type] },
}));

/** The schema of all tables. Catalogs number columns as they come, which is how they are numbered here. */
export const TABLE_SCHEMA = { type: "struct", "schema-id": 0, fields: FIELDS };

export const CLUSTER_TIME_ID = FIELDS.find(({ name }) => name === "cluster_time")!.id;

/** Whether a schema has our columns, whatever else it says of them. */
export function isOurSchema(schema: unknown): boolean {
  const { fields } = (schema ?? {}) as {
    fields?: readonly { id: number; name: string; type: unknown }[];
  };
  return fields?.length === FIELDS.length &&
    FIELDS.every(({ id, name, type }, i) =>
      fields[i]!.id === id && fields[i]!.name === name && fields[i]!.type === type
    );
}

/** Of a new table. The objects are the lake's: no engine that cleans up may delete one. Nor do they have the ids of columns. */
export function newProperties(name: TableName): TableProperties {
  return {
    comment: "Change events of a MongoDB collection, by tributary",
    ...nameProperties(name),
    "gc.enabled": "false",
    "write.format.default": "parquet",
    "schema.name-mapping.default": JSON.stringify(
      FIELDS.map(({ id, name }) => ({ "field-id": id, names: [name] })),
    ),
  };
}

/**
 * The place in a journal up to which a table has come. It is a property and not of the snapshot, for snapshots expire, and others that come
 * behind them do not say it again.
 */
const PLACE = "tributary.place.";

export function markOf(properties: TableProperties, appId: string): StreamMark | undefined {
  const [, seq, record] = /^(\d+) (\d+)$/.exec(properties[PLACE + appId] ?? "") ?? [];
  return seq === undefined ? undefined : { seq: Number(seq), record: Number(record) };
}

/** What the properties say anew when these steps are in the table. */
export function propertiesAfter(
  properties: TableProperties,
  streams: readonly StreamSteps[],
): TableProperties {
  const places = streams.map(({ streamKey, lake, steps }) => {
    const { seq, recordId } = steps.at(-1)!;
    return [PLACE + appIdOf(streamKey, lake), `${seq} ${recordMark(recordId)}`] as const;
  });
  const holes = streams.flatMap(({ steps }) => steps)
    .reduce((sum, step) => addHoles(sum, step.holes), holesOf(properties));
  return { ...Object.fromEntries(places), ...holeProperties(holes) };
}
