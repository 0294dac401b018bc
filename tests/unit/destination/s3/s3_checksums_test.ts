import assert from "node:assert/strict";
import {
  ChecksumHabit,
  crc32OfAnswer,
  crc32ToBase64,
} from "../../../../src/destination/s3/s3_checksums.ts";
import { PermanentError, TransientError } from "../../../../src/model/errors.ts";

/** What the destination throws for an answer of the server. */
function refusal(status: number, name: string): PermanentError {
  return new PermanentError("no", {
    cause: Object.assign(new Error("no"), { name, $metadata: { httpStatusCode: status } }),
  });
}

Deno.test("crc32ToBase64 and crc32OfAnswer are each other's inverse", () => {
  // CRC-32 of "123456789", the check value of its definition.
  assert.equal(crc32ToBase64("cbf43926"), "y/Q5Jg==");
  assert.equal(crc32OfAnswer({ ChecksumCRC32: "y/Q5Jg==" }), "cbf43926");
  assert.equal(
    crc32OfAnswer({ ChecksumCRC32: "AAAAAQ==", ChecksumType: "FULL_OBJECT" }),
    "00000001",
  );
});

Deno.test("ChecksumHabit asks without checksums only as long as none was taken", async () => {
  let leftOut = 0;
  const habit = new ChecksumHabit(() => leftOut++);
  const asked: boolean[] = [];
  const ask = (answer: (given: boolean) => string) =>
    habit.run((given) => {
      asked.push(given);
      return Promise.resolve().then(() => answer(given));
    }, (result) => result === "created");
  assert.equal(await ask(() => "exists"), "exists");
  const choosy = (given: boolean) => {
    if (given) throw refusal(501, "NotImplemented");
    return "exists";
  };
  // It is not known yet what the server thinks of either.
  assert.equal(await ask(choosy), "exists");
  assert.equal(habit.isLeftOut, false);
  assert.equal(await ask(() => "created"), "created");
  await assert.rejects(ask(choosy), PermanentError);
  assert.deepEqual(asked, [true, true, false, true, true]);
  assert.equal(leftOut, 0);
});

Deno.test("ChecksumHabit leaves them out once that was the remedy", async () => {
  let leftOut = 0;
  const habit = new ChecksumHabit(() => leftOut++);
  const ask = () =>
    habit.run((given) => given ? Promise.reject(refusal(400, "X")) : Promise.resolve(given));
  assert.deepEqual(await Promise.all([ask(), ask()]), [false, false]);
  assert.equal(await ask(), false);
  assert.deepEqual([habit.isLeftOut, leftOut], [true, 1]);
});

Deno.test("ChecksumHabit takes other faults for what they are", async () => {
  const faults = [
    refusal(403, "AccessDenied"),
    refusal(404, "NoSuchBucket"),
    refusal(400, "InvalidToken"),
    new TransientError("later"),
  ];
  for (const fault of faults) {
    let tries = 0;
    const failing = new ChecksumHabit().run(() => {
      tries++;
      return Promise.reject(fault);
    });
    await assert.rejects(failing, fault);
    assert.equal(tries, 1);
  }
});
