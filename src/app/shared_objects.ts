import { join } from "node:path";
import type { LakeConfig } from "../config/config.ts";
import { createFolderObjects } from "../coordinate/objects/folder_objects.ts";
import type { SharedObjects } from "../coordinate/objects/shared_objects.ts";
import type { DestinationTools } from "../destination/open_destination.ts";
import { S3SharedObjects } from "../destination/s3/s3_shared_objects.ts";
import { encodeName } from "../model/keys/name_encoding.ts";

/** What the copies of a pipeline share, beside the journals of the lake. */
const FLEET_FOLDER = "_tributary/fleet";

/** A request that takes longer is given up; within a lease there must be time for others. */
const REQUEST_MS_MAX = 5000;

export interface OpenSharedObjects extends SharedObjects {
  /** Whether the store was seen to keep what is replaced, for ever. */
  readonly keepsVersions: boolean;
  close(): Promise<void>;
}

/** Opens what a pipeline's instances share in the place where the lake's own files lie. Asks nobody yet. */
export function openSharedObjects(
  { destination, journal, lock, pipelineName, s3 }: LakeConfig,
  tools: DestinationTools,
): OpenSharedObjects {
  const target = journal ?? destination;
  const name = encodeName(pipelineName);
  if (target.scheme === "file") {
    const folder = join(target.directory, FLEET_FOLDER, name);
    const objects = createFolderObjects(folder, tools.clock, tools.random);
    return { ...objects, keepsVersions: false, close: () => Promise.resolve() };
  }
  const { bucket, prefix } = target;
  const folder = `${prefix === "" ? "" : `${prefix}/`}${FLEET_FOLDER}/${name}/`;
  const requestMsMax = Math.min(REQUEST_MS_MAX, lock.ttlMs / 3);
  return new S3SharedObjects({ bucket, folder, s3, requestMsMax }, tools);
}
