import assert from "node:assert/strict";
import { join } from "node:path";
import {
  createText,
  namesIn,
  readText,
  removeFile,
  replaceText,
} from "../../../../src/coordinate/objects/shared_folder.ts";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("replaceText makes the folders, replaces, and leaves nothing aside", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a", "b", "c.json");
    assert.equal(await readText(path), undefined);
    await replaceText(path, "one", "writer");
    await replaceText(path, "two", "writer");
    assert.equal(await readText(path), "two");
    assert.deepEqual([...Deno.readDirSync(join(folder, "a", "b"))].map(({ name }) => name), [
      "c.json",
    ]);
  }));

Deno.test("createText creates once, and leaves nothing aside", () =>
  inFolder(async (folder) => {
    const path = join(folder, "deep", "x");
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => createText(path, `text ${i}`, `writer-${i}`)),
    );
    assert.equal(answers.filter((created) => created).length, 1);
    assert.equal(await readText(path), `text ${answers.indexOf(true)}`);
    assert.equal([...Deno.readDirSync(join(folder, "deep"))].length, 1);
  }));

Deno.test("namesIn gives names in order, without those being written, and none of no folder", () =>
  inFolder(async (folder) => {
    for (const name of ["b", "a", ".aside.tmp"]) await Deno.writeTextFile(join(folder, name), "");
    assert.deepEqual(await namesIn(folder), ["a", "b"]);
    assert.deepEqual(await namesIn(join(folder, "nowhere")), []);
  }));

Deno.test("removeFile says whether there was one", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "a"), "");
    assert.equal(await removeFile(join(folder, "a")), true);
    assert.equal(await removeFile(join(folder, "a")), false);
  }));

Deno.test("shared_folder tells faults that stay from those that may pass, naming the action", () =>
  inFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    await assert.rejects(readText(join(file, "x")), (error) => {
      return error instanceof PermanentError && /^Cannot read ".*": /.test(error.message);
    });
    await assert.rejects(namesIn(file), PermanentError);
    await assert.rejects(replaceText(join(folder, "file", "x"), "", "w"), /^\w+: Cannot write "/);
    await Deno.mkdir(join(folder, "full", "x"), { recursive: true });
    await assert.rejects(removeFile(join(folder, "full")), (error) => {
      return error instanceof PermanentError || error instanceof TransientError;
    });
  }));
