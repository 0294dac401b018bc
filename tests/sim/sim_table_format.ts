import type { MemoryDestination } from "../../src/destination/memory_destination.ts";
import type { TableFormat } from "../../src/model/table_format.ts";
import type { BegunTableParts } from "../../src/table/compaction/begun_table.ts";
import type { CompactableLog } from "../../src/table/compaction/compactable_log.ts";
import { DeltaLog } from "../../src/table/delta/log.ts";
import { readAvroFile } from "../../src/table/iceberg/avro_file.ts";
import { FileCatalog } from "../../src/table/iceberg/file_catalog.ts";
import { IcebergLog } from "../../src/table/iceberg/log.ts";
import type { RecordIdOf } from "../../src/table/left_steps.ts";
import type { TableLog, TableName } from "../../src/table/table_log.ts";
import type { Clock } from "../../src/support/clock.ts";
import type { Random } from "../../src/support/random.ts";
import { icebergStore, pathsKept, type ReadAvro, readIceberg } from "../support/iceberg_world.ts";
import { deltaStore, type ReadTable, readTable } from "../support/table_world.ts";

/** What a table of the simulation is opened with. */
export interface SimTableParts {
  readonly logs: MemoryDestination;
  readonly folder: string;
  readonly name: TableName;
  readonly clock: Clock;
  readonly random: Random;
  readonly recordId: RecordIdOf;
  readonly compactions: BegunTableParts;
  /** By which states of before are forgotten. Default: `clock`. */
  readonly days?: Clock;
}

/** A format of tables, and how it is read by what knows nothing of writers. */
export interface SimTableFormat {
  readonly format: TableFormat;
  readonly open: (parts: SimTableParts) => TableLog & CompactableLog;
  readonly read: (logs: MemoryDestination, folder: string) => Promise<ReadTable>;
  /** The paths of what the states name that a table keeps; none where these are kept by their files alone. */
  readonly kept: (logs: MemoryDestination, folder: string) => Promise<ReadonlySet<string>>;
  /** Where its log lies, below a table's folder. */
  readonly logName: string;
}

const DELTA: SimTableFormat = {
  format: "delta",
  open: ({ logs, ...parts }) =>
    new DeltaLog({ ...parts, store: deltaStore(logs), writers: "ours", failedBeside: () => {} }),
  read: readTable,
  kept: () => Promise.resolve(new Set()),
  logName: "_delta_log/",
};

const ICEBERG: SimTableFormat = {
  format: "iceberg",
  open({ logs, ...parts }) {
    const store = icebergStore(logs);
    const catalog = new FileCatalog({ ...parts, store, failedBeside: () => {} });
    return new IcebergLog({ ...parts, store, catalog, clock: parts.days ?? parts.clock });
  },
  read: (logs, folder) => readIceberg(logs, folder, readAvro),
  kept: (logs, folder) => pathsKept(logs, folder, readAvro),
  logName: "metadata/",
};

/** At once, so that a world is the same each time. */
const readAvro: ReadAvro = (bytes) =>
  Promise.resolve(readAvroFile(bytes).records as Record<string, unknown>[]);

/** Of each three seeds one has tables of Delta, and one of Iceberg. */
export const SIM_TABLE_FORMATS = [DELTA, ICEBERG, undefined];
