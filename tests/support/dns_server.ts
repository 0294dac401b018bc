import { createSocket } from "node:dgram";

const SRV = 33;
const TXT = 16;

export interface DnsServer extends AsyncDisposable {
  readonly address: string;
}

/** A DNS server on loopback that gives these two answers, and no other, to whatever it is asked. */
export async function startDnsServer(
  srv: { readonly host: string; readonly port: number },
  txt: string,
): Promise<DnsServer> {
  const socket = createSocket("udp4");
  socket.on("message", (message, from) => {
    const questionEnd = message.indexOf(0, 12) + 5;
    const type = message.readUInt16BE(questionEnd - 4);
    const answer = type === SRV ? srvData(srv) : type === TXT ? lengthFirst(txt) : undefined;
    const header = [message[0]!, message[1]!, 0x85, 0x80, 0, 1, 0, answer ? 1 : 0, 0, 0, 0, 0];
    const question = message.subarray(12, questionEnd);
    socket.send(
      Uint8Array.from([...header, ...question, ...record(type, answer)]),
      from.port,
      from.address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** For the name of the question, good for a minute. */
function record(type: number, data: readonly number[] | undefined): number[] {
  if (data === undefined) return [];
  return [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255, ...data];
}

function srvData(srv: { readonly host: string; readonly port: number }): number[] {
  const labels = srv.host.split(".").flatMap(lengthFirst);
  return [0, 0, 0, 0, srv.port >> 8, srv.port & 255, ...labels, 0];
}

function lengthFirst(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}
