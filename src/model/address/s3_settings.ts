/** Server-side encryptions that can be asked for. */
export const S3_ENCRYPTIONS = ["AES256", "aws:kms"] as const;

/** The canned access control lists. */
export const S3_ACLS = [
  "private",
  "public-read",
  "public-read-write",
  "authenticated-read",
  "aws-exec-read",
  "bucket-owner-read",
  "bucket-owner-full-control",
] as const;

/** Where a bucket is and how objects are put there. Absent: as the bucket or the SDK has it. */
export interface S3Settings {
  /** Default: `AWS_REGION`, then the profile; `us-east-1` where an endpoint is named. */
  readonly region?: string;
  /** Base URL of a store that is not AWS. */
  readonly endpoint?: string;
  /** `http://host/bucket/key` instead of `http://bucket.host/key`; `usesPathStyle` knows the default. */
  readonly forcePathStyle?: boolean;
  /** Server-side encryption. Default: the bucket's. */
  readonly encryption?: typeof S3_ENCRYPTIONS[number];
  /** Id, alias or ARN; with `aws:kms` only. Default: the account's key. */
  readonly kmsKeyId?: string;
  /** `STANDARD_IA`, `GLACIER_IR`, ... Default: the bucket's. */
  readonly storageClass?: string;
  /** Default: none is sent. */
  readonly acl?: typeof S3_ACLS[number];
}

/** Whether the bucket's name is in the path of requests: of AWS it is in the host name, of others seldom. */
export function usesPathStyle({ forcePathStyle, endpoint }: S3Settings): boolean {
  return forcePathStyle ?? endpoint !== undefined;
}
