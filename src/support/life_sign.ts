import { createConnection, createServer } from "node:net";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileFaultCode } from "./file_fault.ts";

/** Longer paths are cut off by the kernel, and mean another socket. */
const PATH_BYTES_MAX = 100;

/**
 * Signs of life in a folder of this machine: a socket for each process, which the kernel closes with it, however it ends.
 * Whoever starts after a crash sees that its predecessor is gone, without waiting until nothing is heard of it.
 */
export class LifeSigns {
  readonly #folder: string;

  /** `folder`: one that outlives the process and is this machine's own. Default: that of temporary files. */
  constructor(folder: string = tmpdir()) {
    this.#folder = folder;
  }

  /** Shows that this process lives, until it ends or disposes of it. Undefined where there can be no sign. */
  async show(name: string): Promise<AsyncDisposable | undefined> {
    const path = this.#pathOf(name);
    if (path === undefined) return undefined;
    const server = createServer((socket) => socket.destroy());
    const isOpen = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(path, () => resolve(true));
    });
    if (!isOpen) return undefined;
    server.unref();
    return {
      // That it is closed is not waited for: Deno 2.4 does not tell of a server that keeps nobody awake.
      async [Symbol.asyncDispose]() {
        server.close();
        await rm(path, { force: true }).catch(() => {}); // Who looks finds that nobody listens.
      },
    };
  }

  /** Whether a process of this machine that has shown itself has ended; false also where nothing is known of it. */
  async hasEnded(name: string): Promise<boolean> {
    const path = this.#pathOf(name);
    if (path === undefined) return false;
    const code = await new Promise<string | undefined>((resolve) => {
      const socket = createConnection(path);
      socket.once("connect", () => {
        socket.destroy();
        resolve(undefined);
      });
      socket.once("error", (error) => resolve(fileFaultCode(error)));
    });
    if (code !== "ECONNREFUSED") return false;
    await rm(path, { force: true }).catch(() => {}); // It is in nobody's way.
    return true;
  }

  #pathOf(name: string): string | undefined {
    const path = join(this.#folder, `tributary-${name}.sock`);
    return new TextEncoder().encode(path).length > PATH_BYTES_MAX ? undefined : path;
  }
}
