import type { MemoryDestination } from "../../src/destination/memory_destination.ts";
import type { TableFormat } from "../../src/model/table_format.ts";
import type { BegunTableParts } from "../../src/table/compaction/begun_table.ts";
import type { CompactableLog } from "../../src/table/compaction/compactable_log.ts";
import { DeltaLog } from "../../src/table/delta/log.ts";
import { FileCatalog } from "../../src/table/iceberg/file_catalog.ts";
import { IcebergLog } from "../../src/table/iceberg/log.ts";
import type { RecordIdOf } from "../../src/table/left_steps.ts";
import type { TableLog, TableName } from "../../src/table/table_log.ts";
import type { Clock } from "../../src/support/clock.ts";
import type { Random } from "../../src/support/random.ts";
import { icebergStore, readIceberg } from "../support/iceberg_world.ts";
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
}

/** A format of tables, and how it is read by what knows nothing of writers. */
export interface SimTableFormat {
  readonly format: TableFormat;
  readonly open: (parts: SimTableParts) => TableLog & CompactableLog;
  readonly read: (logs: MemoryDestination, folder: string) => Promise<ReadTable>;
}

const DELTA: SimTableFormat = {
  format: "delta",
  open: ({ logs, ...parts }) =>
    new DeltaLog({ ...parts, store: deltaStore(logs), writers: "ours", failedBeside: () => {} }),
  read: readTable,
};

const ICEBERG: SimTableFormat = {
  format: "iceberg",
  open({ logs, ...parts }) {
    const store = icebergStore(logs);
    const catalog = new FileCatalog({ ...parts, store, failedBeside: () => {} });
    return new IcebergLog({ ...parts, store, catalog });
  },
  read: readIceberg,
};

/** Of each three seeds one has tables of Delta, and one of Iceberg. */
export const SIM_TABLE_FORMATS = [DELTA, ICEBERG, undefined];
