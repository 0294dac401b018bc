import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import type { PutOptions } from "../../pipeline/ports.ts";
import type { S3Options } from "../open_destination.ts";

/** What an object is created with beside its bytes. */
export function objectSettings(
  { encryption, kmsKeyId, storageClass, acl }: S3Options,
  key: string,
  options: PutOptions | undefined,
): Partial<PutObjectCommandInput> {
  const contentType = options?.contentType;
  // Journals are read at each start, logs of tables by each query: they must never lie in an archive.
  const isData = !/^_tributary\/|\/_delta_log\//.test(key);
  return {
    ...contentType !== undefined && { ContentType: contentType },
    ...encryption !== undefined && { ServerSideEncryption: encryption },
    ...kmsKeyId !== undefined && { SSEKMSKeyId: kmsKeyId },
    ...(storageClass !== undefined && isData) &&
      { StorageClass: storageClass as NonNullable<PutObjectCommandInput["StorageClass"]> },
    ...acl !== undefined && { ACL: acl as NonNullable<PutObjectCommandInput["ACL"]> },
  };
}
