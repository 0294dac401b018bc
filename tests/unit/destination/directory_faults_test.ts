import assert from "node:assert/strict";
import {
  alreadyExists,
  directoryError,
  isAbsent,
  isMissing,
  linkError,
} from "../../../src/destination/directory_faults.ts";
import { PermanentError, TransientError } from "../../../src/model/errors.ts";

function fault(code: string): Error {
  return Object.assign(new Error(`${code}: link '/a' -> '/b'`), { code });
}

Deno.test("directoryError takes full and failing disks for passing", () => {
  for (const code of ["ENOSPC", "EDQUOT", "EIO", "EMFILE", "EINTR", "ESTALE", "ENOENT"]) {
    const error = directoryError('write object "a"', fault(code));
    assert.ok(error instanceof TransientError, code);
    assert.match(error.message, /^Cannot write object "a": /);
  }
});

Deno.test("directoryError says what to do about what passes when somebody does it", () => {
  assert.match(directoryError("write", fault("ENOSPC")).message, /^Cannot write: the disk is full/);
  assert.match(directoryError("write", fault("ESTALE")).message, /the mount is stale/);
});

Deno.test("directoryError says what a person must change", () => {
  for (const code of ["EACCES", "EROFS", "ENAMETOOLONG", "ENOTDIR", "EISDIR", "EXDEV"]) {
    assert.ok(directoryError("write", fault(code)) instanceof PermanentError, code);
  }
  const refused = Object.assign(new Error("Requires write access"), { name: "NotCapable" });
  assert.match(directoryError("write", refused).message, /--allow-write/);
});

Deno.test("directoryError keeps errors that are ours", () => {
  const ours = new PermanentError("a folder has that name");
  assert.equal(directoryError("write", ours), ours);
});

Deno.test("linkError tells a file system without hard links", () => {
  for (const code of ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]) {
    const error = linkError("write", fault(code));
    assert.ok(error instanceof PermanentError);
    assert.match(error.message, /no hard links/);
  }
  assert.ok(linkError("write", fault("ENOSPC")) instanceof TransientError);
});

Deno.test("isAbsent, isMissing and alreadyExists know real answers of the file system", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/file`, "");
  const errorOf = (action: Promise<unknown>) => action.then(() => undefined, (error) => error);
  const none = await errorOf(Deno.stat(`${folder}/none`));
  assert.ok(isAbsent(none) && isMissing(none) && !alreadyExists(none));
  for (const path of ["file/below", "n".repeat(300)]) {
    const error = await errorOf(Deno.stat(`${folder}/${path}`));
    assert.ok(isAbsent(error) && !isMissing(error), path);
  }
  assert.ok(isAbsent(await errorOf(Deno.readFile(folder))));
  assert.ok(alreadyExists(await errorOf(Deno.link(`${folder}/file`, `${folder}/file`))));
  assert.ok(!isAbsent(undefined));
  await Deno.remove(folder, { recursive: true });
});
