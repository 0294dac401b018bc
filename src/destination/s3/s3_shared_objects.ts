import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
} from "@aws-sdk/client-s3";
import { TransientError } from "../../model/errors.ts";
import { crc32Hex } from "../../support/bytes/crc32.ts";
import type { DestinationTools, S3Options } from "../open_destination.ts";
import { ChecksumHabit, crc32ToBase64 } from "./s3_checksums.ts";
import { type S3Action, s3Code, s3Status } from "./s3_faults.ts";
import { type S3Request, S3Requests } from "./s3_requests.ts";

export interface S3SharedObjectsOptions {
  readonly bucket: string;
  /** What all keys begin with; ends with `/`. */
  readonly folder: string;
  readonly s3: S3Options;
  /** A request is tried once, and given up after so long: who asks knows better whether it still helps to try again. */
  readonly requestMsMax: number;
}

/** A few requests at a time are enough; they must not wait for uploads. */
const CONNECTIONS_MAX = 8;

/**
 * Small objects of a bucket that are replaced by `If-Match` and read with their ETags, beside the lake's objects, which
 * never change. Whether the server honours `If-Match` a probe must have found out.
 */
export class S3SharedObjects {
  readonly #options: S3SharedObjectsOptions;
  readonly #tools: DestinationTools;
  readonly #requests: S3Requests;
  readonly #checksums = new ChecksumHabit();
  #keepsVersions = false;

  constructor(options: S3SharedObjectsOptions, tools: DestinationTools) {
    this.#options = options;
    this.#tools = tools;
    const retry = { retriesMax: 0, firstMs: 1, maxMs: 1 };
    const use = { retry, connectionsMax: CONNECTIONS_MAX, s3: options.s3 };
    this.#requests = new S3Requests(options.bucket, use, tools);
  }

  /** Whether the bucket was seen to keep what is replaced. */
  get keepsVersions(): boolean {
    return this.#keepsVersions;
  }

  create(key: string, text: string): Promise<string | undefined> {
    return this.#put(key, text, { IfNoneMatch: "*" });
  }

  replace(key: string, text: string, etag: string): Promise<string | undefined> {
    return this.#put(key, text, { IfMatch: etag });
  }

  async get(
    key: string,
    knownEtag?: string,
  ): Promise<{ readonly text: string; readonly etag: string } | "unchanged" | undefined> {
    const condition = knownEtag === undefined ? {} : { IfNoneMatch: knownEtag };
    const input = { Bucket: this.#options.bucket, Key: this.#options.folder + key, ...condition };
    const found = await this.#send<{ text: string; etag: string } | "unchanged" | "absent">({
      action: this.#action("read", key, "s3:GetObject and s3:ListBucket"),
      send: async (client, abortSignal) => {
        const output = await client.send(new GetObjectCommand(input), { abortSignal });
        return { text: await output.Body!.transformToString(), etag: output.ETag ?? "" };
      },
      answer: (error) => {
        if (s3Status(error) === 304) return "unchanged";
        return isNoObject(error) ? "absent" : undefined;
      },
    });
    return found === "absent" ? undefined : found;
  }

  async list(
    prefix: string,
  ): Promise<ReadonlyMap<string, { readonly etag: string; readonly ageMs: number }>> {
    const { bucket, folder } = this.#options;
    const found = new Map<string, { readonly etag: string; readonly ageMs: number }>();
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        ...{ Bucket: bucket, Prefix: folder + prefix },
        ...token !== undefined && { ContinuationToken: token },
      });
      const timeOf = noteTime(command);
      const output = await this.#send({
        action: this.#action("list", `${prefix}*`, "s3:ListBucket"),
        send: (client, abortSignal) => client.send(command, { abortSignal }),
      });
      const nowMs = timeOf() ?? this.#tools.clock.wallMs();
      for (const { Key, ETag, LastModified } of output.Contents ?? []) {
        const ageMs = Math.max(0, nowMs - (LastModified?.getTime() ?? Infinity));
        found.set(Key!.slice(folder.length), { etag: ETag ?? "", ageMs });
      }
      token = output.IsTruncated ? output.NextContinuationToken : undefined;
    } while (token !== undefined);
    return found;
  }

  close(): Promise<void> {
    this.#requests.close();
    return Promise.resolve();
  }

  /** The ETag of what is there now; undefined where the condition did not hold, or may not have held. */
  async #put(
    key: string,
    text: string,
    condition: Pick<PutObjectCommandInput, "IfMatch" | "IfNoneMatch">,
  ): Promise<string | undefined> {
    const bytes = new TextEncoder().encode(text);
    const { bucket, folder, s3: { encryption, kmsKeyId, acl } } = this.#options;
    const input: PutObjectCommandInput = {
      ...{ Bucket: bucket, Key: folder + key, Body: bytes, ContentLength: bytes.length },
      ...{ ContentType: "application/json", ...condition },
      ...encryption !== undefined && { ServerSideEncryption: encryption },
      ...kmsKeyId !== undefined && { SSEKMSKeyId: kmsKeyId },
      ...acl !== undefined && { ACL: acl as NonNullable<PutObjectCommandInput["ACL"]> },
    };
    const outcome = await this.#checksums.run(
      (given) =>
        this.#putOnce(key, {
          ...input,
          ...given && { ChecksumCRC32: crc32ToBase64(crc32Hex(bytes)) },
        }),
      (each) => each !== "refused",
    );
    return outcome === "refused" ? undefined : outcome.etag;
  }

  #putOnce(key: string, input: PutObjectCommandInput): Promise<{ etag: string } | "refused"> {
    return this.#send<{ etag: string } | "refused">({
      action: this.#action("write", key, "s3:PutObject"),
      send: async (client, abortSignal) => {
        const output = await client.send(new PutObjectCommand(input), { abortSignal });
        if (output.VersionId !== undefined) this.#keepsVersions = true;
        return { etag: output.ETag ?? "" };
      },
      // 409: another write of the object was under way. 404: there is none to be replaced.
      answer: (error) => {
        const isRefused = [409, 412].includes(s3Status(error) ?? 0) || isNoObject(error);
        return isRefused ? "refused" : undefined;
      },
    });
  }

  /** One try, which is over in time. */
  async #send<T>(request: S3Request<T>): Promise<T> {
    const { requestMsMax } = this.#options;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const over = new AbortController();
    const timer = this.#tools.clock.after(requestMsMax, () => {
      const seconds = requestMsMax / 1000;
      const error = new TransientError(`Cannot ${request.action.text}: no answer in ${seconds} s`);
      reject(error);
      over.abort(error);
    });
    try {
      const sent = this.#requests.sendOnce({
        ...request,
        send: (client, signal) => request.send(client, AbortSignal.any([signal, over.signal])),
      });
      return await Promise.race([sent, late]);
    } finally {
      timer.cancel();
    }
  }

  #action(verb: string, key: string, permissions: string): S3Action {
    const { bucket, folder } = this.#options;
    return { text: `${verb} object "${folder}${key}" in bucket "${bucket}"`, permissions };
  }
}

/** Notes what time it is for the store, which also says when objects were written: no two clocks are compared. */
function noteTime(command: ListObjectsV2Command): () => number | undefined {
  let date: string | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const { headers = {} } = answer.response as { headers?: Readonly<Record<string, string>> };
      date = headers["date"];
      return answer;
    },
    { step: "deserialize", name: "noteTime" },
  );
  return () => {
    const ms = Date.parse(date ?? "");
    return Number.isNaN(ms) ? undefined : ms;
  };
}

/** The bucket's absence has a status of 404 too. */
function isNoObject(error: unknown): boolean {
  return s3Status(error) === 404 && s3Code(error) !== "NoSuchBucket";
}
