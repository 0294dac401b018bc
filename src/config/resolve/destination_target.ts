import { fileURLToPath } from "node:url";
import { encodeName } from "../../model/keys/name_encoding.ts";
import type { S3Settings } from "../../model/address/s3_settings.ts";
import { folderFault } from "../../model/keys/key_rules.ts";
import type { DestinationTarget } from "../config.ts";
import { omitUndefined } from "../omit_undefined.ts";
import type { Resolution } from "./resolution.ts";

/** Where objects go, from DESTINATION or S3_BUCKET and S3_PREFIX; undefined where that is not said or wrong. */
export function resolveDestination(resolution: Resolution): DestinationTarget | undefined {
  const { values } = resolution;
  if (resolution.isBroken("DESTINATION", "S3_BUCKET", "S3_PREFIX")) return undefined;
  if (values.DESTINATION !== undefined && values.S3_BUCKET !== undefined) {
    resolution.fault(
      "S3_BUCKET",
      "DESTINATION is set as well, and only one of them may be.",
      "Take S3_BUCKET and S3_PREFIX away, or DESTINATION.",
    );
    return undefined;
  }
  if (values.S3_PREFIX !== undefined && values.S3_BUCKET === undefined) {
    resolution.fault(
      "S3_PREFIX",
      "It goes with S3_BUCKET, which is not set.",
      "Set S3_BUCKET, or write the prefix into DESTINATION.",
    );
    return undefined;
  }
  if (values.S3_BUCKET !== undefined) {
    return s3Target(resolution, "S3_PREFIX", values.S3_BUCKET, values.S3_PREFIX ?? "");
  }
  if (values.DESTINATION === undefined) {
    resolution.missing("DESTINATION", "Set it to s3://bucket/prefix or file:///directory.");
    return undefined;
  }
  return placeTarget(resolution, "DESTINATION", values.DESTINATION);
}

/** Where the journal goes; undefined where that is the destination, or what is written is wrong. */
export function resolveJournal(
  resolution: Resolution,
  destination: DestinationTarget | undefined,
): DestinationTarget | undefined {
  const { JOURNAL: url } = resolution.values;
  if (url === undefined) return undefined;
  const target = placeTarget(resolution, "JOURNAL", url);
  if (target === undefined || destination === undefined) return undefined;
  return destinationUrl(target) === destinationUrl(destination) ? undefined : target;
}

function placeTarget(
  resolution: Resolution,
  name: "DESTINATION" | "JOURNAL",
  url: string,
): DestinationTarget | undefined {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/.exec(url);
  if (match !== null) return s3Target(resolution, name, match[1]!, match[2]!);
  return fileTarget(resolution, name, url);
}

/** Checks the settings that only S3 has against each other. */
export function resolveS3(resolution: Resolution): S3Settings {
  const { values } = resolution;
  if (values.S3_KMS_KEY_ID !== undefined && values.S3_SSE !== "aws:kms") {
    resolution.fault(
      "S3_KMS_KEY_ID",
      "A key needs S3_SSE=aws:kms.",
      "Set S3_SSE=aws:kms.",
    );
  }
  return omitUndefined({
    region: values.AWS_REGION,
    endpoint: values.S3_ENDPOINT,
    forcePathStyle: values.S3_FORCE_PATH_STYLE,
    encryption: values.S3_SSE,
    kmsKeyId: values.S3_KMS_KEY_ID,
    storageClass: values.S3_STORAGE_CLASS,
    acl: values.S3_ACL,
  });
}

/** The destination as people write it. */
export function destinationUrl(target: DestinationTarget): string {
  switch (target.scheme) {
    case "file":
      return `file://${target.directory}`;
    case "s3":
      return `s3://${placeOf(target)}`;
  }
}

/**
 * A name for the pipeline that writes there: two destinations never have the same, for copies with one name share
 * their streams.
 */
export function defaultPipelineName(target: DestinationTarget): string {
  return placeOf(target).replace(/\/$/, "").split("/").map(encodeName).join("/");
}

function placeOf(target: DestinationTarget): string {
  switch (target.scheme) {
    case "file":
      return target.directory;
    case "s3":
      return target.prefix === "" ? target.bucket : `${target.bucket}/${target.prefix}`;
  }
}

function s3Target(
  resolution: Resolution,
  name: "DESTINATION" | "JOURNAL" | "S3_PREFIX",
  bucket: string,
  rawPrefix: string,
): DestinationTarget | undefined {
  const prefix = rawPrefix.replace(/^\/+|\/+$/g, "");
  const problem = prefix === "" ? undefined : folderFault(prefix);
  if (problem === undefined) return { scheme: "s3", bucket, prefix };
  resolution.fault(name, `The prefix ${problem}.`, "Write it as lake/orders.");
  return undefined;
}

function fileTarget(
  resolution: Resolution,
  name: "DESTINATION" | "JOURNAL",
  url: string,
): DestinationTarget | undefined {
  const directory = directoryOf(url);
  if (directory !== undefined) return { scheme: "file", directory };
  resolution.fault(
    name,
    "The directory's name cannot be read.",
    "Write a % in a name as %25.",
  );
  return undefined;
}

/** The path of a `file:///` address without a slash at the end; undefined where its escapes are broken. */
export function directoryOf(url: string): string | undefined {
  try {
    return fileURLToPath(url).replace(/(.)\/+$/, "$1");
  } catch {
    return undefined;
  }
}
