/** Users and policies of a MinIO server, through its admin API. */
import { createCipheriv, createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { s3Credentials, s3Endpoint, s3Region } from "./services.ts";

export interface MinioUser {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Adds a user who may do what the policy says and nothing else. */
export async function addMinioUser(name: string, policy: unknown): Promise<MinioUser> {
  const user = { accessKeyId: name, secretAccessKey: systemRandom.hex(32) };
  await call("PUT", "add-canned-policy", { name }, JSON.stringify(policy));
  const body = seal(JSON.stringify({ secretKey: user.secretAccessKey, status: "enabled" }));
  await call("PUT", "add-user", { accessKey: name }, body);
  const attach = { policyName: name, userOrGroup: name, isGroup: "false" };
  await call("PUT", "set-user-or-group-policy", attach, "");
  return user;
}

/** Lets the user do what this policy says from now on. */
export async function changeMinioPolicy(name: string, policy: unknown): Promise<void> {
  await call("PUT", "add-canned-policy", { name }, JSON.stringify(policy));
}

export async function removeMinioUser(name: string): Promise<void> {
  await call("DELETE", "remove-user", { accessKey: name }, "");
  await call("DELETE", "remove-canned-policy", { name }, "");
}

async function call(
  method: string,
  action: string,
  parameters: Readonly<Record<string, string>>,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<void> {
  const url = new URL(`/minio/admin/v3/${action}`, s3Endpoint());
  for (const [name, value] of Object.entries(parameters).sort()) url.searchParams.set(name, value);
  const headers = signed(method, url, body);
  const reply = await fetch(url, { method, headers, ...(method === "PUT" ? { body } : {}) });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`MinIO refuses ${action}: ${reply.status} ${text}`);
}

/** AWS Signature Version 4 over host, date and content, as S3 requests are signed. */
function signed(method: string, url: URL, body: string | Uint8Array): Record<string, string> {
  const { accessKeyId, secretAccessKey } = s3Credentials();
  const time = new Date(systemClock.wallMs()).toISOString().replace(/[-:]|\.\d+/g, "");
  const day = time.slice(0, 8);
  const hash = createHash("sha256").update(body).digest("hex");
  const headers = { "host": url.host, "x-amz-content-sha256": hash, "x-amz-date": time };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join("");
  const query = url.search.slice(1).replaceAll("+", "%20");
  const request = [method, url.pathname, query, lines, names, hash].join("\n");
  const scope = `${day}/${s3Region()}/s3/aws4_request`;
  const digest = createHash("sha256").update(request).digest("hex");
  const key = [day, s3Region(), "s3", "aws4_request"].reduce<string | Uint8Array>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const signature = createHmac("sha256", key)
    .update(["AWS4-HMAC-SHA256", time, scope, digest].join("\n")).digest("hex");
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, ` +
      `SignedHeaders=${names}, Signature=${signature}`,
  };
}

const PBKDF2_AES_GCM = 2;

/**
 * Encrypts with the administrator's secret, as the admin API wants bodies with secrets in them (madmin-go `EncryptData`
 * over sio-go's streams, of which one fragment is enough here).
 */
function seal(text: string): Uint8Array<ArrayBuffer> {
  const salt = randomBytes(32);
  const nonce = randomBytes(8);
  const key = pbkdf2Sync(s3Credentials().secretAccessKey, salt, 8192, 32, "sha256");
  // The first counter seals nothing; its tag goes with all fragments, of which the last is marked.
  const last = Uint8Array.of(0x80, ...sealFragment(key, nonce, 0, "", new Uint8Array()));
  const fragment = sealFragment(key, nonce, 1, text, last);
  return Uint8Array.of(...salt, PBKDF2_AES_GCM, ...nonce, ...fragment);
}

function sealFragment(
  key: Uint8Array,
  nonce: Uint8Array,
  counter: number,
  text: string,
  associated: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, Uint8Array.of(...nonce, counter, 0, 0, 0));
  cipher.setAAD(associated);
  const body = Uint8Array.of(...cipher.update(text, "utf8"), ...cipher.final());
  return Uint8Array.of(...body, ...cipher.getAuthTag());
}

function randomBytes(count: number): Uint8Array {
  return Uint8Array.from(systemRandom.hex(count * 2).match(/../g)!, (hex) => parseInt(hex, 16));
}
