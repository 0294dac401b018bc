import { errorMessage, PermanentError, TransientError } from "../../model/errors.ts";
import type { S3Options } from "../open_destination.ts";

/** What failed: completes "Cannot ...", and the IAM actions that it needs. */
export interface S3Action {
  readonly text: string;
  readonly permissions: string;
}

/** Where it failed. */
export interface S3Place {
  readonly bucket: string;
  readonly options: S3Options;
  /** Whether the server has ever answered: then a name that does not resolve, or missing credentials, may pass. */
  readonly reached: boolean;
  /** Whether it has ever accepted our credentials: then it may pass that they are refused. */
  readonly accepted: boolean;
}

/** What of the SDK's errors is looked at; all of it may be absent. */
interface S3Fault {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  readonly cause?: unknown;
}

/** The HTTP status of the answer, or undefined if there was none. */
export function s3Status(error: unknown): number | undefined {
  return (error as S3Fault | null)?.$metadata?.httpStatusCode;
}

export function s3Code(error: unknown): string {
  const fault = error as S3Fault | null;
  return fault?.name ?? fault?.code ?? "";
}

/** What S3, STS and stores of their kind call credentials that were good once. */
const OVER_CODES = [
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "TokenRefreshRequired",
];

/** The same of credentials that may have been good once, or were never. */
const UNKNOWN_CODES = [
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidIdentityToken",
  "InvalidToken",
  "InvalidTokenId",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
];

/** Whether the server says that it does not take the credentials. */
export function refusesCredentials(error: unknown): boolean {
  return OVER_CODES.includes(s3Code(error)) || UNKNOWN_CODES.includes(s3Code(error));
}

/** Whether other credentials may mend it: also a right that is missing may come with a session's successor. */
export function mayBeCredentials(error: unknown): boolean {
  if (refusesCredentials(error)) return true;
  return [401, 403].includes(s3Status(error) ?? 0) && !isPassing(error as S3Fault);
}

/** Whether the server does not do what was asked, and not because of what is there. */
export function isRefusal(error: unknown): boolean {
  return [400, 401, 403, 405, 501].includes(s3Status(error) ?? 0);
}

/** Whether it has refused without a word, as it does to a HEAD. */
export function isNamelessRefusal(error: unknown): boolean {
  return isRefusal(error) && /^(|Error|Unknown|UnknownError|\d+)$/.test(s3Code(error));
}

/** The destination's error for what the SDK threw. */
export function s3Error(
  action: S3Action,
  place: S3Place,
  error: unknown,
): PermanentError | TransientError {
  const passing = passingReason(place, error as S3Fault);
  if (passing !== undefined) {
    return new TransientError(`Cannot ${action.text}: ${passing}`, { cause: error, refuses: true });
  }
  const reason = permanentReason(action, place, error as S3Fault);
  if (reason === undefined) {
    return new TransientError(`Cannot ${action.text}: ${faultText(error)}`, { cause: error });
  }
  return new PermanentError(`Cannot ${action.text}: ${reason}`, { cause: error });
}

/** What a person must do about a fault that is asked about again all the same, because that may be done any time. */
function passingReason(place: S3Place, fault: S3Fault): string | undefined {
  if (place.reached && s3Code(fault) === "CredentialsProviderError") {
    return `no AWS credentials are found any more (${faultText(fault)}); give back the file, the ` +
      "role or the token that they came from: they are read again at each try";
  }
  const mayPass = place.accepted ? refusesCredentials(fault) : OVER_CODES.includes(s3Code(fault));
  if (!mayPass) return undefined;
  return `${credentialsReason(fault)} (${
    faultText(fault)
  }); those of a file, a role or a token are ` +
    "read again at each try, those in environment variables need a restart";
}

/** What is wrong with the credentials, and what to do. */
function credentialsReason(fault: S3Fault): string {
  switch (s3Code(fault)) {
    case "InvalidAccessKeyId":
    case "InvalidClientTokenId":
    case "UnrecognizedClientException":
      return "the server does not know the access key; check AWS_ACCESS_KEY_ID or the profile";
    case "SignatureDoesNotMatch":
      return "the secret key is wrong for the access key; check AWS_SECRET_ACCESS_KEY";
    default:
      return "the session token has expired or is invalid; renew the credentials";
  }
}

const TOO_LARGE = "the object is too large for the server, or for a proxy before it: raise their " +
  "limit for this one, and lower BATCH_BYTES for those to come";

/** Whether the server takes no such large body; it may take smaller parts of it. */
export function isTooLarge(error: unknown): boolean {
  return s3Status(error) === 413 || s3Code(error) === "EntityTooLarge";
}

/** What a person must change, or undefined if the fault may pass by itself. */
function permanentReason(action: S3Action, place: S3Place, fault: S3Fault): string | undefined {
  return reasonByCode(place, fault) ?? reasonByStatus(action, place, fault) ??
    (place.reached ? undefined : reasonBeforeContact(place, fault));
}

function reasonByCode(place: S3Place, fault: S3Fault): string | undefined {
  const { bucket } = place;
  if (refusesCredentials(fault)) return credentialsReason(fault);
  switch (s3Code(fault)) {
    case "NotCapable":
      return `the program was started without a permission (${faultText(fault)})`;
    case "NoSuchBucket":
      return `there is no bucket "${bucket}"; create it, or correct DESTINATION`;
    case "NotImplemented":
      return `the server does not support a part of the request, such as If-None-Match; ` +
        `use a store that has conditional writes`;
    case "InvalidBucketName":
      return `"${bucket}" is no valid name of a bucket; correct DESTINATION`;
    case "EntityTooLarge":
      return TOO_LARGE;
    case "InvalidStorageClass":
      return `the server does not know the storage class ${place.options.storageClass}; ` +
        `correct S3_STORAGE_CLASS`;
    case "AccessControlListNotSupported":
      return `bucket "${bucket}" does not take ACLs; unset S3_ACL`;
    case "InvalidObjectState":
      return `the object is in an archive storage class; restore it first`;
    case "AuthorizationHeaderMalformed":
    case "PermanentRedirect":
    case "IllegalLocationConstraintException":
      return regionReason(place, fault);
  }
  return undefined;
}

function reasonByStatus(action: S3Action, place: S3Place, fault: S3Fault): string | undefined {
  const { bucket } = place;
  switch (s3Status(fault)) {
    case 301:
    case 307:
    case 308:
      return regionReason(place, fault);
    case 400:
      // Code and message are all there is; those of a request that took too long pass.
      return isPassing(fault) ? undefined : `the server refused the request (${faultText(fault)})`;
    case 401:
    case 403:
      if (isPassing(fault)) return undefined;
      return `access to bucket "${bucket}" was refused (${faultText(fault)}); ` +
        `allow ${action.permissions} on it, or check the credentials`;
    case 404:
      return `there is no bucket "${bucket}" (${
        faultText(fault)
      }); create it, or correct DESTINATION`;
    case 405:
      return `the server does not allow the request (${faultText(fault)}); check S3_ENDPOINT`;
    case 413:
      return TOO_LARGE;
    case 501:
      return `the server does not support a part of the request (${faultText(fault)}); ` +
        `use a store that has conditional writes`;
  }
  return undefined;
}

/** Answers with status 400 or 403 that a later try may not meet. */
function isPassing(fault: S3Fault): boolean {
  return [
    "RequestTimeout",
    "RequestTimeoutException",
    "RequestTimeTooSkewed",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "BadDigest",
    "XAmzContentChecksumMismatch",
    "XAmzContentSHA256Mismatch",
    "IncompleteBody",
    // Of STS, which could not ask who has made a web identity token.
    "IDPCommunicationError",
  ].includes(s3Code(fault));
}

function regionReason(place: S3Place, fault: S3Fault): string {
  const actual = fault.$response?.headers?.["x-amz-bucket-region"] ??
    /expecting '([a-z0-9-]+)'/.exec(fault.message ?? "")?.[1];
  const wanted = place.options.region;
  return `bucket "${place.bucket}" is not in region ${wanted ?? "that was asked"}` +
    (actual === undefined
      ? "; set AWS_REGION to its own"
      : ` but in ${actual}; set AWS_REGION=${actual}`);
}

/** Faults that mean a wrong setting as long as the server has never answered. */
function reasonBeforeContact(place: S3Place, fault: S3Fault): string | undefined {
  const text = faultText(fault);
  const where = place.options.endpoint ?? "S3";
  if (hasCode(fault, "ENOTFOUND")) {
    return `the host of ${where} does not exist (${text}); correct S3_ENDPOINT or AWS_REGION`;
  }
  if (/certificate|self.signed|UnknownIssuer/i.test(text)) {
    return `the certificate of ${where} is not trusted (${text}); trust its CA with ` +
      "DENO_TLS_CA_STORE=system and SSL_CERT_FILE";
  }
  if (s3Code(fault) === "CredentialsProviderError") {
    return `no AWS credentials were found (${text}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ` +
      `AWS_PROFILE, or give the machine a role`;
  }
  if (/region is missing/i.test(text)) {
    return `no region is set; set AWS_REGION`;
  }
  return undefined;
}

function hasCode(fault: S3Fault | undefined, code: string): boolean {
  if (fault === undefined || fault === null) return false;
  return fault.code === code || hasCode(fault.cause as S3Fault | undefined, code);
}

/** Status, code and message of a fault in a few words; never a secret: servers and the SDK put none there. */
function faultText(error: unknown): string {
  const status = s3Status(error);
  const code = s3Code(error);
  const message = errorMessage(error);
  const words = [
    status === undefined ? "" : `HTTP ${status}`,
    code === "" || code === "Error" || code === "Unknown" ? "" : code,
    message === "UnknownError" || message === code ? "" : message.slice(0, 300),
  ].filter((word) => word !== "");
  return words.join(", ") || "no answer";
}

/** The bucket's absence has a status of 404 too; a HEAD's answer does not tell, and a PUT will. */
export function isNoObject(error: unknown): boolean {
  return s3Status(error) === 404 && s3Code(error) !== "NoSuchBucket";
}
