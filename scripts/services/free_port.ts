import { systemRandom } from "../../src/support/random.ts";

/** Below the ports that systems hand out to outgoing connections, so that nobody takes ours while a server restarts. */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const TRIES_MAX = 100;

/** A port of the loopback address that nobody listens on now. Somebody may take it before it is used: try again then. */
export function freePort(): number {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const port = PORT_MIN + Math.floor(systemRandom.fraction() * (PORT_MAX - PORT_MIN));
    if (isFree(port)) return port;
  }
  throw new Error(`Cannot find a free port between ${PORT_MIN} and ${PORT_MAX}`);
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
