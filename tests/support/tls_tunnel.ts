/** TLS in front of a server that was built without it: what comes in is decrypted and passed on, and the other way. */
export interface TlsTunnel extends AsyncDisposable {
  readonly port: number;
}

export interface TlsTunnelOptions {
  /** Certificate and key in one PEM file. */
  readonly pem: string;
  /** A port of this machine. */
  readonly targetPort: number;
}

export function openTlsTunnel({ pem, targetPort }: TlsTunnelOptions): TlsTunnel {
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: pem, key: pem });
  const open = new Set<Deno.Conn>();
  const passing = new Set<Promise<void>>();
  const accepting = (async () => {
    for await (const outer of listener) {
      const inner = await Deno.connect({ hostname: "127.0.0.1", port: targetPort });
      const both = [outer, inner];
      both.forEach((each) => open.add(each));
      const done = Promise.allSettled([
        outer.readable.pipeTo(inner.writable),
        inner.readable.pipeTo(outer.writable),
      ]).then(() => both.forEach((each) => open.delete(each)));
      passing.add(done.finally(() => passing.delete(done)));
    }
  })().catch(() => {}); // Closing the listener ends it so.
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const each of open) {
        try {
          each.close();
        } catch {
          // The other side was first.
        }
      }
      await accepting;
      await Promise.all(passing);
    },
  };
}
