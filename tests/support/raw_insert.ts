/** Inserts documents as bytes, for what the driver would change or refuse on the way. */
import assert from "node:assert/strict";
import { BSON } from "mongodb";
import { mongodbUri } from "./services.ts";

/** `OP_MSG` of the wire protocol. */
const OP_MSG = 2013;
const HEADER_BYTES = 16;

/** Behind the header come four bytes of flags and the kind of the first section. */
const REPLY_BODY_AT = HEADER_BYTES + 4 + 1;

/** Inserts one document, of which only the server judges whether it is good. */
export async function insertRaw(
  database: string,
  collection: string,
  document: Uint8Array,
): Promise<void> {
  const { hostname, port } = new URL(mongodbUri().replace(/^mongodb:/, "http:"));
  using connection = await Deno.connect({ hostname, port: Number(port || 27017) });
  const body = BSON.serialize({ insert: collection, $db: database });
  const name = new TextEncoder().encode("documents\0");
  const size = HEADER_BYTES + 4 + 1 + body.length + 1 + 4 + name.length + document.length;
  const message = new Uint8Array(size);
  const view = new DataView(message.buffer);
  view.setInt32(0, size, true);
  view.setInt32(12, OP_MSG, true);
  message.set(body, REPLY_BODY_AT);
  const sequence = REPLY_BODY_AT + body.length;
  message[sequence] = 1; // A sequence of documents.
  view.setInt32(sequence + 1, 4 + name.length + document.length, true);
  message.set(name, sequence + 5);
  message.set(document, sequence + 5 + name.length);
  for (let sent = 0; sent < size;) sent += await connection.write(message.subarray(sent));
  const reply = BSON.deserialize((await readMessage(connection)).subarray(REPLY_BODY_AT));
  assert.equal(reply["n"], 1, JSON.stringify(reply));
}

async function readMessage(connection: Deno.Conn): Promise<Uint8Array> {
  const head = await readBytes(connection, 4);
  const rest = await readBytes(connection, new DataView(head.buffer).getInt32(0, true) - 4);
  const message = new Uint8Array(head.length + rest.length);
  message.set(head);
  message.set(rest, head.length);
  return message;
}

async function readBytes(connection: Deno.Conn, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const read = await connection.read(bytes.subarray(at));
    assert(read !== null, "the server has closed the connection");
    at += read;
  }
  return bytes;
}
