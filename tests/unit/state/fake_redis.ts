/** A Redis server on loopback that gives the answers a test wants, in the protocol's own form (RESP2). */
export interface FakeRedis extends AsyncDisposable {
  readonly port: number;
  /** Every command that came in, in upper case its name. */
  readonly commands: string[][];
}

/** The raw reply (`+PONG\r\n`), `hang-up` to close the connection, or `silence`. */
export type Answer = (command: string[]) => string;

export function fakeRedis(answer: Answer): FakeRedis {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const commands: string[][] = [];
  const connections = new Set<Deno.Conn>();
  const serving = (async () => {
    for await (const connection of listener) {
      connections.add(connection);
      serve(connection, answer, commands).finally(() => connections.delete(connection));
    }
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    commands,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
      for (const connection of connections) connection.close();
    },
  };
}

/** What a healthy server says to a client that connects; undefined for any other command. */
export function handshake(command: string[]): string | undefined {
  if (command[0] === "INFO") return bulk("redis_version:7.0.0\r\nloading:0\r\n");
  if (command[0] === "AUTH" || command[0] === "SELECT") return "+OK\r\n";
  return undefined;
}

export function bulk(text: string): string {
  return `$${new TextEncoder().encode(text).length}\r\n${text}\r\n`;
}

export function list(...replies: string[]): string {
  return `*${replies.length}\r\n${replies.join("")}`;
}

async function serve(connection: Deno.Conn, answer: Answer, commands: string[][]): Promise<void> {
  let text = "";
  try {
    for await (const bytes of connection.readable) {
      text += new TextDecoder().decode(bytes);
      for (let next = takeCommand(text); next !== undefined; next = takeCommand(text)) {
        text = next.rest;
        commands.push(next.command);
        const reply = answer(next.command);
        if (reply === "hang-up") return;
        if (reply !== "silence") await connection.write(new TextEncoder().encode(reply));
      }
    }
  } catch {
    // The client went away in the middle of something, as clients do.
  } finally {
    try {
      connection.close();
    } catch {
      // Reading to the end has closed it.
    }
  }
}

/** The first whole command in the text; lengths are of ASCII, which is all that these tests send. */
function takeCommand(text: string): { command: string[]; rest: string } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return undefined;
  let at = head[0].length;
  const command: string[] = [];
  for (let part = 0; part < Number(head[1]); part++) {
    const length = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (length === null) return undefined;
    const start = at + length[0].length;
    at = start + Number(length[1]) + 2;
    if (text.length < at) return undefined;
    command.push(text.slice(start, at - 2));
  }
  command[0] = command[0]!.toUpperCase();
  return { command, rest: text.slice(at) };
}
