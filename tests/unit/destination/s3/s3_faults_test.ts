import assert from "node:assert/strict";
import {
  isNamelessRefusal,
  mayBeCredentials,
  refusesCredentials,
  s3Code,
  s3Error,
  type S3Place,
  s3Status,
} from "../../../../src/destination/s3/s3_faults.ts";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";

const ACTION = { text: 'read object "a"', permissions: "s3:GetObject" };
const PLACE: S3Place = {
  bucket: "lake",
  options: { region: "us-east-1", endpoint: "https://s3.example.org" },
  reached: false,
  accepted: false,
};

function fault(fields: Record<string, unknown>, status?: number): Error {
  const metadata = status === undefined ? {} : { $metadata: { httpStatusCode: status } };
  return Object.assign(new Error(String(fields.message ?? "")), metadata, fields);
}

Deno.test("s3Error passes on what may pass as TransientError", () => {
  const passing = [
    fault({ code: "ECONNRESET", message: "read ECONNRESET" }),
    fault({ code: "ECONNREFUSED", message: "connect ECONNREFUSED 127.0.0.1:1" }),
    fault({ name: "TimeoutError", message: "the request socket did not establish a connection" }),
    fault({ code: "EAI_AGAIN", message: "getaddrinfo EAI_AGAIN s3.example.org" }),
    fault({ name: "SlowDown" }, 503),
    fault({ name: "InternalError" }, 500),
    fault({ name: "BadGateway" }, 502),
    fault({ name: "RequestTimeout" }, 400),
    fault({ name: "RequestTimeTooSkewed" }, 403),
    fault({ name: "OperationAborted" }, 409),
    fault({ name: "Unknown" }, 429),
    fault({ name: "BadDigest" }, 400),
    fault({ name: "XAmzContentChecksumMismatch" }, 400),
    fault({ name: "IDPCommunicationError" }, 400),
  ];
  for (const error of passing) {
    const ours = s3Error(ACTION, PLACE, error);
    assert.ok(ours instanceof TransientError, ours.message);
    assert.match(ours.message, /^Cannot read object "a": ./);
    assert.equal(ours.cause, error);
    assert.ok(!ours.refuses);
  }
});

Deno.test("s3Error says in one sentence what a person must change", () => {
  const cases: [Error, RegExp][] = [
    [
      fault({ name: "Unknown", message: "UnknownError" }, 403),
      /refused \(HTTP 403\); allow s3:Get/,
    ],
    [fault({ name: "NotCapable", message: "Requires net access" }), /without a permission/],
    [fault({ name: "NoSuchBucket" }, 404), /no bucket "lake"/],
    [fault({ name: "InvalidToken" }, 400), /session token has expired or is invalid/],
    [fault({ name: "InvalidAccessKeyId" }, 403), /does not know the access key/],
    [fault({ name: "InvalidBucketName" }, 400), /no valid name/],
    [fault({ name: "AccessControlListNotSupported" }, 400), /unset S3_ACL/],
    [fault({ name: "InvalidStorageClass" }, 400), /S3_STORAGE_CLASS/],
    [fault({ name: "InvalidObjectState" }, 403), /archive storage class/],
    [fault({ name: "Unknown", message: "UnknownError" }, 400), /refused the request \(HTTP 400\)/],
    [fault({ name: "MethodNotAllowed" }, 405), /check S3_ENDPOINT/],
    [fault({ name: "Unknown" }, 501), /conditional writes/],
    [
      fault({ code: "ENOTFOUND", message: "getaddrinfo ENOTFOUND x" }),
      /example.org does not exist/,
    ],
    [fault({ message: "invalid peer certificate: UnknownIssuer" }), /certificate .*not trusted/],
    [fault({ name: "CredentialsProviderError", message: "none" }), /no AWS credentials were found/],
    [fault({ message: "Region is missing" }), /set AWS_REGION/],
    [
      fault({
        name: "AuthorizationHeaderMalformed",
        message: "the region 'us-east-1' is wrong; expecting 'eu-west-1'",
      }, 400),
      /not in region us-east-1 but in eu-west-1/,
    ],
  ];
  for (const [error, message] of cases) {
    const ours = s3Error(ACTION, PLACE, error);
    assert.ok(ours instanceof PermanentError, ours.message);
    assert.match(ours.message, message);
    assert.doesNotMatch(ours.message, /\n/);
  }
});

Deno.test("s3Error takes a lost name or lost credentials for passing once the server has answered", () => {
  const place = { ...PLACE, reached: true };
  for (const fields of [{ code: "ENOTFOUND" }, { name: "CredentialsProviderError" }]) {
    assert.ok(s3Error(ACTION, place, fault(fields)) instanceof TransientError);
  }
});

Deno.test("s3Status and s3Code read what the SDK throws, and anything else", () => {
  assert.equal(s3Status(fault({ name: "NoSuchKey" }, 404)), 404);
  assert.equal(s3Code(fault({ name: "NoSuchKey" }, 404)), "NoSuchKey");
  for (const odd of [null, undefined, "text"]) {
    assert.equal(s3Status(odd), undefined);
    assert.equal(s3Code(odd), "");
  }
});

Deno.test("s3Error lets credentials pass that are over, or that were accepted before, and says what to do", () => {
  const over = ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];
  const unknown = [
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidIdentityToken",
    "InvalidToken",
    "InvalidTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
  ];
  for (const name of [...over, ...unknown]) {
    assert.ok(refusesCredentials(fault({ name }, 403)), name);
    const before = s3Error(ACTION, PLACE, fault({ name }, 403));
    assert.equal(before instanceof TransientError, over.includes(name), name);
    const after = s3Error(ACTION, { ...PLACE, accepted: true }, fault({ name }, 403));
    assert.ok(after instanceof TransientError && after.refuses, name);
    assert.match(after.message, /(check AWS_|renew the credentials).*read again at each try/);
  }
  const gone = fault({ name: "CredentialsProviderError", message: "none" });
  const reached = s3Error(ACTION, { ...PLACE, reached: true }, gone);
  assert.ok(reached instanceof TransientError);
  assert.match(reached.message, /no AWS credentials are found any more/);
});

Deno.test("mayBeCredentials takes any refusal of rights, and no other fault", () => {
  assert.ok(mayBeCredentials(fault({ name: "AccessDenied" }, 403)));
  assert.ok(mayBeCredentials(fault({ name: "Unknown" }, 401)));
  assert.ok(mayBeCredentials(fault({ name: "ExpiredToken" }, 400)));
  assert.ok(!mayBeCredentials(fault({ name: "InvalidArgument" }, 400)));
  assert.ok(!mayBeCredentials(fault({ name: "RequestTimeTooSkewed" }, 403)));
  assert.ok(!mayBeCredentials(fault({ name: "SlowDown" }, 503)));
});

Deno.test("isNamelessRefusal is what the answer to a HEAD shows", () => {
  assert.ok(isNamelessRefusal(fault({ name: "Unknown" }, 400)));
  assert.ok(isNamelessRefusal(fault({ name: "403" }, 403)));
  assert.ok(!isNamelessRefusal(fault({ name: "ExpiredToken" }, 400)));
  assert.ok(!isNamelessRefusal(fault({ name: "NotFound" }, 404)));
});
