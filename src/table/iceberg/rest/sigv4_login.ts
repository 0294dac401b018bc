import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { errorMessage } from "../../../model/errors.ts";
import type { Clock } from "../../../support/clock.ts";
import { TableFault } from "../../table_log.ts";
import type { HttpRequest } from "./http_exchange.ts";
import type { Login } from "./login.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Sigv4Options {
  /** As the signature names it: `glue`, `s3tables`, `execute-api`. */
  readonly service: string;
  readonly region: string;
  /** Asks all sources of credentials anew; what it gives asks them again before they end. */
  readonly credentials: () => () => Promise<AwsCredentials>;
}

/** Signs requests with AWS credentials. */
export function sigv4Login({ service, region, credentials }: Sigv4Options, clock: Clock): Login {
  const signer = () =>
    new SignatureV4({ service, region, credentials: credentials(), sha256: Sha256 });
  let current = signer();
  return {
    async headers(request) {
      try {
        const signed = await current.sign(awsRequest(request), {
          signingDate: new Date(clock.wallMs()),
        });
        const { host: _, ...headers } = signed.headers;
        return headers;
      } catch (error) {
        throw new TableFault(
          `Cannot sign a request to the Iceberg catalog: ${errorMessage(error)}; set ` +
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the machine a role",
          { cause: error, refuses: true },
        );
      }
    },
    renew(status) {
      if (status !== 401 && status !== 403) return false;
      current = signer();
      return true;
    },
    settings: `the AWS credentials and their rights on ${service}`,
    secrets: [],
  };
}

function awsRequest({ method, url, headers, body }: HttpRequest) {
  const { protocol, hostname, port, host, pathname, searchParams } = new URL(url);
  return {
    method,
    protocol,
    hostname,
    ...port === "" ? {} : { port: Number(port) },
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { ...headers, host },
    ...body === undefined ? {} : { body },
  };
}

/** SHA-256 in the form that the signer takes. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined
      ? createHash("sha256")
      : createHmac("sha256", typeof secret === "string" ? secret : bytesOf(secret));
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof chunk === "string" ? chunk : bytesOf(chunk));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {}
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
