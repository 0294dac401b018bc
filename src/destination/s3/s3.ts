import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { PermanentError } from "../../model/errors.ts";
import type { ByteRange, ListOptions, PutOptions, StoredObject } from "../../pipeline/ports.ts";
import { concatChunks } from "../../support/bytes/concat_bytes.ts";
import { crc32Hex } from "../../support/bytes/crc32.ts";
import type { Finding } from "../../support/check_result.ts";
import { type Log, silentLog } from "../../support/log.ts";
import { byteRangeHeader } from "../byte_range.ts";
import { KEY_BYTES_MAX, mayHoldKeys, objectKeyFault } from "../../model/keys/key_rules.ts";
import type {
  DestinationOptions,
  DestinationTools,
  OpenDestination,
  S3Options,
} from "../open_destination.ts";
import { PROBE_KEY, PROBE_OPTIONS } from "../probe.ts";
import { ChecksumHabit, crc32OfAnswer, crc32ToBase64 } from "./s3_checksums.ts";
import { isNoObject, isTooLarge, type S3Action, s3Status } from "./s3_faults.ts";
import {
  PART_BYTES,
  PART_BYTES_MIN,
  partsKeepWhatIsThere,
  PUT_BYTES_MAX,
  STREAMED_PART_BYTES,
} from "./s3_large_objects.ts";
import { type PartsUpload, putInParts, type Upload } from "./s3_multipart.ts";
import { putStreamed } from "./s3_streamed.ts";
import { objectSettings } from "./s3_object_settings.ts";
import { type S3Place, s3Place } from "./s3_place.ts";
import { getByPattern } from "./s3_get.ts";
import { S3Patterns } from "./s3_pattern.ts";
import { putByPattern, type PutInput } from "./s3_put.ts";
import { S3Requests } from "./s3_requests.ts";

/** Larger objects are uploaded in parts. */
export const SINGLE_PUT_BYTES_MAX = 64 * 1024 ** 2;

/** Before a larger body is sent again, we look whether that is still needed. */
const BLIND_RETRY_BYTES_MAX = 256 * 1024;

/** What S3 lists at a time. */
const LIST_KEYS_MAX = 1000;

/** Asked for very few keys at a time, MinIO leaves out keys beside folders of the same name (seen with up to 3). */
const LIST_KEYS_MIN = 100;

/**
 * Opens `s3://bucket/prefix`. Nothing is asked of the server yet.
 *
 * @throws {PermanentError} if the URL or the endpoint cannot be read.
 */
export function openS3(
  url: string,
  options: DestinationOptions,
  tools: DestinationTools,
): S3Destination {
  return new S3Destination(s3Place(url), options, tools);
}

/** Objects in a bucket of S3 or of a store that speaks its protocol and keeps `If-None-Match` on PUT. */
export class S3Destination implements OpenDestination {
  readonly url: string;
  readonly #requests: S3Requests;
  readonly #patterns: S3Patterns;
  readonly #s3: S3Options;
  /** Empty, or ends with `/`. */
  readonly #prefix: string;
  /** Of objects written as a whole, of those in parts, and of what is asked of an object. */
  readonly #checksums: ChecksumHabit;
  readonly #partsChecksums: ChecksumHabit;
  readonly #headChecksums = new ChecksumHabit();
  readonly #remarks: Finding[] = [];
  readonly #log: Log;
  /** Undefined until it has been tried. */
  #partsAreSafe: boolean | undefined;

  constructor(
    place: S3Place,
    options: DestinationOptions,
    tools: DestinationTools,
  ) {
    this.#prefix = place.prefix === "" ? "" : place.prefix + "/";
    this.url = `s3://${place.bucket}/${this.#prefix}`.replace(/\/$/, "");
    this.#s3 = options.s3 ?? {};
    this.#requests = new S3Requests(place.bucket, options, tools);
    this.#patterns = new S3Patterns(tools.clock);
    this.#log = tools.log ?? silentLog;
    this.#checksums = new ChecksumHabit(() => this.#noteNoChecksums("small"));
    this.#partsChecksums = new ChecksumHabit(() => this.#noteNoChecksums("large"));
  }

  async putIfAbsent(
    key: string,
    bytes: Uint8Array,
    options?: PutOptions,
  ): Promise<"created" | "exists"> {
    const object = {
      ...this.#write(key, options),
      bytes,
      crc32: options?.crc32 ?? crc32Hex(bytes),
    };
    try {
      if (bytes.length > SINGLE_PUT_BYTES_MAX && await this.#mayUseParts()) {
        return await putInParts(this.#parts(key, object, PART_BYTES));
      }
      return await this.#putWhole(key, object);
    } catch (error) {
      // A record names the object, so it must be written somehow.
      if (!isTooLarge((error as Error).cause) || bytes.length <= PART_BYTES_MIN) throw error;
      if (!await this.#mayUseParts()) throw error;
      return await putInParts(this.#parts(key, object, PART_BYTES_MIN));
    }
  }

  async putStreamed(
    key: string,
    chunks: AsyncIterable<Uint8Array>,
    options?: PutOptions,
  ): Promise<"created" | "exists"> {
    if (!await this.#mayUseParts()) {
      return await this.putIfAbsent(key, await concatChunks(chunks), options);
    }
    return await putStreamed(
      this.#upload(key, this.#write(key, options), STREAMED_PART_BYTES),
      chunks,
    );
  }

  async replace(key: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    const { action, input } = this.#write(key, options);
    await this.#requests.send({
      ...{ action, key, bytes: bytes.length },
      send: (client, abortSignal) =>
        client.send(new PutObjectCommand({ ...input, Body: bytes }), { abortSignal }),
    });
  }

  async remove(key: string): Promise<void> {
    const command = new DeleteObjectCommand(this.#place(key));
    await this.#requests.send({
      ...{ action: this.#action("delete", key, "s3:DeleteObject"), key },
      send: (client, abortSignal) => client.send(command, { abortSignal }),
    });
  }

  head(key: string): Promise<StoredObject | undefined> {
    return this.#requests.repeat(() => this.#headOnce(key), key);
  }

  async get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const header = range && byteRangeHeader(range);
    if (range !== undefined && header === undefined) {
      return await this.head(key) && new Uint8Array(0);
    }
    const input = { ...this.#place(key), ...header !== undefined && { Range: header } };
    const result = await this.#requests.send<Uint8Array<ArrayBuffer> | "absent">({
      action: this.#action("read", key, "s3:GetObject and s3:ListBucket"),
      key,
      send: (client, abortSignal) => getByPattern(this.#patterns, client, input, abortSignal),
      answer: (error) => {
        // Nothing of the object lies in the range.
        if (s3Status(error) === 416) return new Uint8Array(0);
        return isNoObject(error) ? "absent" : undefined;
      },
    });
    return result === "absent" ? undefined : result;
  }

  async list(prefix: string, options: ListOptions): Promise<string[]> {
    const keys: string[] = [];
    let after = options.startAfter;
    while (keys.length < options.limit && mayHoldKeys(prefix)) {
      const wanted = Math.min(Math.max(options.limit - keys.length, LIST_KEYS_MIN), LIST_KEYS_MAX);
      const { Contents: objects = [], IsTruncated } = await this.#list(prefix, {
        MaxKeys: wanted,
        ...after !== undefined && { StartAfter: this.#prefix + after },
      });
      for (const object of objects) keys.push(object.Key!.slice(this.#prefix.length));
      // A full page may be said to be the last one when it is not (seen with MinIO).
      if (objects.length === 0 || (!IsTruncated && objects.length < wanted)) break;
      after = keys.at(-1);
    }
    return keys.slice(0, options.limit);
  }

  async listFolders(prefix: string): Promise<string[]> {
    const folders: string[] = [];
    if (!mayHoldKeys(prefix)) return folders;
    let token: string | undefined;
    do {
      const output = await this.#list(prefix, {
        Delimiter: "/",
        ...token !== undefined && { ContinuationToken: token },
      });
      const start = this.#prefix.length + prefix.length;
      for (const folder of output.CommonPrefixes ?? []) {
        folders.push(folder.Prefix!.slice(start, -1));
      }
      token = output.IsTruncated ? output.NextContinuationToken : undefined;
    } while (token !== undefined);
    return folders;
  }

  keyFault(key: string): string | undefined {
    const fault = objectKeyFault(key);
    if (fault !== undefined) return fault;
    const bytes = new TextEncoder().encode(this.#prefix + key).length;
    if (bytes <= KEY_BYTES_MAX) return undefined;
    return `has ${bytes} bytes with the prefix, and S3 takes ${KEY_BYTES_MAX}`;
  }

  checkMedium(): Promise<void> {
    return Promise.resolve();
  }

  async checkLargeObjects(): Promise<void> {
    await this.#mayUseParts();
  }

  get remarks(): readonly Finding[] {
    return this.#remarks;
  }

  close(): Promise<void> {
    this.#requests.close();
    return Promise.resolve();
  }

  /** Whether large objects go in parts. Found out once, on the object that a probe has left. */
  async #mayUseParts(): Promise<boolean> {
    this.#partsAreSafe ??= await this.#tryParts();
    return this.#partsAreSafe ?? false;
  }

  async #tryParts(): Promise<boolean | undefined> {
    const bytes = await this.get(PROBE_KEY);
    if (bytes === undefined) return undefined;
    const object = { ...this.#write(PROBE_KEY, PROBE_OPTIONS), bytes, crc32: crc32Hex(bytes) };
    const areSafe = await partsKeepWhatIsThere(this.#parts(PROBE_KEY, object, PART_BYTES));
    if (!areSafe && this.#partsAreSafe === undefined) this.#noteNoParts();
    return areSafe;
  }

  #noteNoChecksums(objects: "small" | "large"): void {
    this.#log.warn("The destination does not take checksums; they are left out", { objects });
    const text =
      `it does not take checksums of ${objects} objects, so they are left out; damage on ` +
      "the way is found by the signature alone";
    this.#remarks.push({ subject: "Checksums", state: "warning", text });
  }

  #noteNoParts(): void {
    this.#log.warn(
      "The destination replaces objects by uploads in parts; large ones go by one PUT",
    );
    const text =
      "it ignores If-None-Match where an upload in parts is completed, so objects over " +
      "64 MiB go by one PUT each; use a store that honours it if they fail";
    this.#remarks.push({ subject: "Large objects", state: "warning", text });
  }

  #parts(key: string, object: WholeObject, partBytes: number): PartsUpload {
    return { ...object, ...this.#upload(key, object, partBytes) };
  }

  #upload(key: string, object: Pick<Upload, "action" | "input">, partBytes: number): Upload {
    return {
      ...object,
      partBytes,
      requests: this.#requests,
      checksums: this.#partsChecksums,
      exists: async () => await this.head(key) !== undefined,
    };
  }

  #putWhole(key: string, object: WholeObject): Promise<"created" | "exists"> {
    const { action, input, bytes, crc32 } = object;
    if (bytes.length > PUT_BYTES_MAX) {
      throw new PermanentError(
        `Cannot ${action.text}: it has ${bytes.length} bytes, and one PUT takes ${PUT_BYTES_MAX}; ` +
          "use a store that honours If-None-Match on uploads in parts",
      );
    }
    return this.#requests.repeat(async (attempt) => {
      // A server that refuses may cut the connection while a body is still on its way: its answer would never be seen.
      const again = attempt > 1 && bytes.length > BLIND_RETRY_BYTES_MAX;
      if (again && await this.#headOnce(key) !== undefined) return "exists";
      return await this.#checksums.run(
        (given) => {
          const checksum = given ? { ChecksumCRC32: crc32ToBase64(crc32) } : {};
          return this.#putOnce(action, { ...input, ...checksum }, bytes);
        },
        // The server may have looked no further.
        (outcome) => outcome === "created",
      );
    }, key);
  }

  #putOnce(
    action: S3Action,
    input: PutInput,
    bytes: Uint8Array,
  ): Promise<"created" | "exists"> {
    return this.#requests.sendOnce<"created" | "exists">({
      action,
      bytes: bytes.length,
      send: async (client, abortSignal) => {
        const ifAbsent = { ...input, IfNoneMatch: "*" };
        await putByPattern(this.#patterns, client, ifAbsent, bytes, abortSignal);
        return "created";
      },
      answer: (error) => s3Status(error) === 412 ? "exists" : undefined,
    });
  }

  #headOnce(key: string): Promise<StoredObject | undefined> {
    return this.#headChecksums.run((asked) => this.#headWith(key, asked));
  }

  async #headWith(key: string, withChecksum: boolean): Promise<StoredObject | undefined> {
    const place = this.#place(key);
    const mode = withChecksum ? { ChecksumMode: "ENABLED" as const } : {};
    const result = await this.#requests.sendOnce<StoredObject | "absent">({
      action: this.#action("look for", key, "s3:GetObject and s3:ListBucket"),
      send: async (client, abortSignal) => {
        const command = new HeadObjectCommand({ ...place, ...mode });
        const output = await client.send(command, { abortSignal });
        const crc32 = crc32OfAnswer(output);
        return { bytes: output.ContentLength ?? 0, ...crc32 !== undefined && { crc32 } };
      },
      answer: (error) => isNoObject(error) ? "absent" : undefined,
      askWhy: async (client, abortSignal) => {
        const command = new GetObjectCommand({ ...place, Range: "bytes=0-0" });
        await (await client.send(command, { abortSignal })).Body!.transformToByteArray();
      },
    });
    return result === "absent" ? undefined : result;
  }

  #list(
    prefix: string,
    input: Partial<ListObjectsV2CommandInput>,
  ): Promise<ListObjectsV2CommandOutput> {
    const bucket = this.#requests.bucket;
    const command = new ListObjectsV2Command({
      ...input,
      Bucket: bucket,
      Prefix: this.#prefix + prefix,
    });
    return this.#requests.send({
      action: {
        text: `list "${this.#prefix}${prefix}*" in bucket "${bucket}"`,
        permissions: "s3:ListBucket",
      },
      key: prefix,
      send: (client, abortSignal) => client.send(command, { abortSignal }),
    });
  }

  #place(key: string): { readonly Bucket: string; readonly Key: string } {
    const fault = this.keyFault(key);
    if (fault !== undefined) {
      throw new PermanentError(
        `Cannot use object key ${JSON.stringify(key.slice(0, 200))}: it ${fault}`,
      );
    }
    return { Bucket: this.#requests.bucket, Key: this.#prefix + key };
  }

  #action(verb: string, key: string, permissions: string): S3Action {
    const bucket = this.#requests.bucket;
    return { text: `${verb} object "${this.#prefix}${key}" in bucket "${bucket}"`, permissions };
  }

  /** What a request says that creates an object. */
  #write(key: string, options: PutOptions | undefined): Pick<Upload, "action" | "input"> {
    const { acl, encryption } = this.#s3;
    const permissions = "s3:PutObject" + (acl === undefined ? "" : ", s3:PutObjectAcl") +
      (encryption === "aws:kms" ? ", kms:GenerateDataKey and kms:Decrypt on the key" : "");
    return {
      action: this.#action("write", key, permissions),
      input: { ...this.#place(key), ...objectSettings(this.#s3, key, options) },
    };
  }
}

/** What is to be written, and how. */
type WholeObject = Pick<PartsUpload, "action" | "input" | "bytes" | "crc32">;
