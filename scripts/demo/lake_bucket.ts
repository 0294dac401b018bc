import { dirname, join } from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { MINIO_ACCESS_KEY, MINIO_REGION, MINIO_SECRET_KEY } from "../services/minio.ts";

/** A bucket on a MinIO of ours. */
export class LakeBucket implements Disposable {
  readonly name: string;
  readonly #client: S3Client;

  constructor(endpoint: string, name: string) {
    this.name = name;
    this.#client = new S3Client({
      endpoint,
      region: MINIO_REGION,
      credentials: { accessKeyId: MINIO_ACCESS_KEY, secretAccessKey: MINIO_SECRET_KEY },
      forcePathStyle: true,
    });
  }

  async create(): Promise<void> {
    await this.#client.send(new CreateBucketCommand({ Bucket: this.name }));
  }

  /** All objects whose key begins so: key, size in bytes, and when they were last written (ms since 1970). */
  async list(prefix: string): Promise<{ key: string; bytes: number; writtenMs: number }[]> {
    const found = [];
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({ Bucket: this.name, Prefix: prefix, ContinuationToken: token }),
      );
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        found.push({ key: Key!, bytes: Size ?? 0, writtenMs: LastModified?.getTime() ?? 0 });
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return found;
  }

  /** Copies all objects below a prefix into a folder. */
  async download(prefix: string, folder: string): Promise<void> {
    for (const { key } of await this.list(prefix)) {
      const object = await this.#client.send(
        new GetObjectCommand({ Bucket: this.name, Key: key }),
      );
      const path = join(folder, key.slice(prefix.length));
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeFile(path, await object.Body!.transformToByteArray());
    }
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}
