import assert from "node:assert/strict";
import { check, runPipeline, verify } from "../../../src/app/library.ts";
import { layIntoFolder } from "../../support/lake_folder.ts";
import { lakeWithLetters } from "../../support/letter_lake.ts";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";

const AWAY = { mongodbUri: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100" };

Deno.test("runPipeline rejects where a server does not answer, and says what is wrong with settings", async () => {
  const destination = `file://${await Deno.makeTempDir()}`;
  try {
    await assert.rejects(runPipeline({ ...AWAY, destination }), TransientError);
    await assert.rejects(runPipeline({ destination }), /MONGODB_URI/);
    const found = await check({ ...AWAY, destination });
    const failed = found.filter(({ state }) => state === "failed");
    assert.deepEqual(failed.map(({ subject }) => subject), ["MongoDB"]);
  } finally {
    await Deno.remove(destination.slice("file://".length), { recursive: true });
  }
});

Deno.test("verify needs a destination alone, and says where there is nothing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const report = await verify({ destination: `file://${folder}` });
    assert.deepEqual(report.streams, []);
    await assert.rejects(verify({}), PermanentError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** A server that takes connections and never answers. */
async function silentServer(work: (uri: string) => Promise<void>): Promise<void> {
  const connections: Deno.Conn[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  try {
    await work(`mongodb://127.0.0.1:${listener.addr.port}/`);
  } finally {
    listener.close();
    await accepting.catch(() => {});
    for (const connection of connections) connection.close();
  }
}

Deno.test("check, verify and runPipeline reject with the reason of their signal", async () => {
  const folder = await Deno.makeTempDir();
  const destination = `file://${folder}`;
  const reason = new Error("enough");
  await silentServer(async (mongodbUri) => {
    const settings = { mongodbUri, destination };
    for (const work of [check, runPipeline]) {
      for (const isLate of [false, true]) {
        const abort = new AbortController();
        if (!isLate) abort.abort(reason);
        const done = work(settings, { signal: abort.signal });
        if (isLate) queueMicrotask(() => abort.abort(reason));
        await assert.rejects(done, (error) => error === reason, `${work.name} ${isLate}`);
      }
    }
    const signal = AbortSignal.abort(reason);
    await assert.rejects(verify({ destination }, {}, { signal }), (error) => error === reason);
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("verify of a stream that is not there rejects, and says how many are", async () => {
  await using lake = await layIntoFolder(await lakeWithLetters(4));
  const found = await verify({ destination: lake.url }, { stream: "shop.orders" });
  assert.equal(found.streams.length, 1);
  await assert.rejects(verify({ destination: lake.url }, { stream: "shop.items" }), (error) => {
    assert(error instanceof PermanentError);
    assert.match(
      error.message,
      /^Cannot verify shop\.items: there is no such stream below file:.*has 1;/,
    );
    return true;
  });
});
