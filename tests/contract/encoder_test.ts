import { createInlineEncoder } from "../../src/encode/inline_encoder.ts";
import { createEncoderPool } from "../../src/encode/worker/pool.ts";
import { startEncodeWorker } from "../../src/encode/worker/start_worker.ts";
import { systemClock } from "../../src/support/clock.ts";
import { testEncoderContract } from "./encoder_contract.ts";

testEncoderContract("inline encoder", () => ({
  encoder: createInlineEncoder(systemClock),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));

testEncoderContract("encoder pool", () => {
  const pool = createEncoderPool({
    workers: 2,
    createWorker: () => startEncodeWorker(),
    clock: systemClock,
  });
  return { encoder: pool, [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() };
});
