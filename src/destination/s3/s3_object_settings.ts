import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import type { PutOptions } from "../../pipeline/ports.ts";
import type { S3Options } from "../open_destination.ts";
import { mayBeArchived } from "./archived.ts";

/** What an object is created with beside its bytes. */
export function objectSettings(
  { encryption, kmsKeyId, storageClass, acl }: S3Options,
  key: string,
  options: PutOptions | undefined,
): Partial<PutObjectCommandInput> {
  const contentType = options?.contentType;
  const isData = mayBeArchived(key);
  return {
    ...contentType !== undefined && { ContentType: contentType },
    ...encryption !== undefined && { ServerSideEncryption: encryption },
    ...kmsKeyId !== undefined && { SSEKMSKeyId: kmsKeyId },
    ...(storageClass !== undefined && isData) &&
      { StorageClass: storageClass as NonNullable<PutObjectCommandInput["StorageClass"]> },
    ...acl !== undefined && { ACL: acl as NonNullable<PutObjectCommandInput["ACL"]> },
  };
}
