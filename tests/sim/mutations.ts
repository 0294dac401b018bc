import { KEY_MUTATIONS } from "./key_mutations.ts";
import { LEASE_MUTATIONS } from "./lease_mutations.ts";
import type { Mutation } from "./mutation.ts";
import { RETENTION_MUTATIONS } from "./retention_mutations.ts";
import { SHARED_MUTATIONS } from "./shared_mutations.ts";
import { SNAPSHOT_MUTATIONS } from "./snapshot_mutations.ts";
import { TABLE_MUTATIONS } from "./table_mutations.ts";

export const MUTATIONS: readonly Mutation[] = [
  ...KEY_MUTATIONS,
  ...LEASE_MUTATIONS,
  ...SHARED_MUTATIONS,
  ...SNAPSHOT_MUTATIONS,
  ...TABLE_MUTATIONS,
  ...RETENTION_MUTATIONS,
  {
    name: "write objects before the record",
    file: "src/pipeline/batch/batch_writer.ts",
    from: `    await appendRecord(this.#context, this.#lease, record);
    this.#tail.appended(record, false);
    return () => this.#store(record, encoded, startedMs);`,
    to: `    await this.#store(record, encoded, startedMs);
    await appendRecord(this.#context, this.#lease, record);
    this.#tail.appended(record, false);
    return () => Promise.resolve();`,
  },
  {
    name: "take keys from the clock",
    file: "src/pipeline/batch/batch_writer.ts",
    from: "await this.#context.sink.deliver(key, bytes, crc32);",
    to: "await this.#context.sink.deliver(`${key}.${this.#context.clock.wallMs()}`, bytes, crc32);",
  },
  {
    name: "use the state store as a position",
    file: "src/pipeline/recover/open_journal.ts",
    from: "  const last = await journal.last(key, hint?.seq);",
    to:
      "  const last = hint === undefined ? await journal.last(key) : await journal.read(key, hint.seq);",
  },
  {
    name: "skip the redo on takeover",
    file: "src/pipeline/recover/open_journal.ts",
    from: "  await redo(context, lease, tail);\n",
    to: "  void redo;\n",
  },
  {
    name: "count what is lost without what others have appended",
    file: "src/journal/losses/loss_ledger.ts",
    from: "    page.last = last.seq;\n",
    to:
      "    page.last = last.seq;\n    if (page.counted) page.counted = { ...page.counted, seq: last.seq };\n",
  },
  {
    name: "ignore a 412 on append",
    file: "src/pipeline/record/append_record.ts",
    from: '  if (outcome === "exists") await assertOurs(context, record);',
    to: "      void assertOurs; void outcome;",
  },
  {
    name: "one id per instance instead of per record",
    file: "src/pipeline/record/journal_tail.ts",
    from: "id: random.uuid() };",
    to: "id: this.#writer.owner };",
  },
  {
    name: "start new partitions where an old one stands",
    file: "src/pipeline/recover/genesis.ts",
    from: "    if (layout?.of === stream.partition.of) return layout.barrier;",
    to: `    const old = streamKey({ ...stream, partition: {
      epoch: stream.partition.epoch - 1, index: 1, of: 1 } });
    const { partition: _, ...plain } = stream;
    const at = await journal.last(old) ?? await journal.last(streamKey(plain));
    if (at !== undefined && at.seq > 0) return (await journal.read(at.seq > 1 ? streamKey(plain) : old, at.seq - 1))?.from ?? layout!.barrier;
    if (layout?.of === stream.partition.of) return layout.barrier;`,
  },
  {
    name: "start new partitions before the old ones are closed",
    file: "src/pipeline/layout/layout_streams.ts",
    from: "    if (open.length > 0) return open;",
    to: "    if (open.length === streams.length) return open;",
  },
  {
    name: "run past the barrier",
    file: "src/pipeline/layout/barrier.ts",
    from: "if (barrier === undefined || comparePositions(to, barrier) <= 0) return;",
    to: "if (barrier !== null) return;",
    firstSeed: 72,
  },
  {
    name: "refresh after the deadline",
    file: "src/coordinate/lease/timed_leases.ts",
    from: "    return ttlMs * (1 - MARGIN) - usedMs;",
    to: "    return ttlMs * 2 - usedMs;",
  },
  {
    name: "no deadline on the monotonic clock",
    file: "src/coordinate/lease/timed_leases.ts",
    from: `Math.max(
      now.monotonicMs - this.#refreshed.monotonicMs,
      now.wallMs - this.#refreshed.wallMs,
    )`,
    to: "now.wallMs - this.#refreshed.wallMs",
  },
  {
    name: "count a record as durable when it is appended",
    file: "src/pipeline/batch/batch_writer.ts",
    from: "    this.#tail.appended(record, false);",
    to: "    this.#tail.appended(record, true);",
  },
  {
    name: "take the highest durable record for the end of all durable ones",
    file: "src/pipeline/record/journal_tail.ts",
    from: "through = Math.min(through, seq - 1);",
    to: "through = Math.max(seq, this.#last.seq - 1);",
  },
  {
    name: "let a heartbeat take what is not stored",
    file: "src/pipeline/batch/heartbeat_timer.ts",
    from: ` || !this.#writer.isIdle) return false;
    const isNews = batcher.rows === 0 &&`,
    to: `) return false;
    const isNews =`,
  },
  {
    name: "take a failed append for appended",
    file: "src/pipeline/record/append_record.ts",
    from: "const outcome = await journal.append(key, record);",
    to: 'const outcome = await journal.append(key, record).catch(() => "appended");',
  },
  {
    name: "let appends overtake each other",
    file: "src/pipeline/batch/batch_writer.ts",
    from: "    const result = this.#appends.then(async () => {",
    to: "    const result = Promise.resolve().then(async () => {",
  },
  {
    name: "go on after a failed batch",
    file: "src/pipeline/batch/batch_writer.ts",
    from: "return this.#failure === undefined ? await step() : undefined;",
    to: "return await step();",
    also: [{
      file: "src/pipeline/batch/batch_writer.ts",
      from: "    this.#throwIfFailed();\n    while (this.#tail",
      to: "    while (this.#tail",
    }],
  },
  {
    name: "let the redo make objects from now on",
    file: "src/pipeline/batch/read_range.ts",
    from: "const inside = eventsUpTo(reply, to.data);",
    to: "const inside = reply.starts.length + 0 * eventsUpTo(reply, to.data);",
  },
  {
    name: "end a redo at its first reply",
    file: "src/pipeline/batch/read_range.ts",
    from: "if (passed || reply.invalidated) return;",
    to: "if (passed || reply.starts.length >= 0) return;",
  },
  {
    name: "forget what was invalidated",
    file: "src/source/after_invalidate.ts",
    from: ": { ...token, invalidate: true };",
    to: ": { ...token };",
  },
  {
    name: "keep the invalidates of a namespace",
    file: "src/source/namespace_cursor.ts",
    from: "return isInvalidate ? { ...reply, starts: starts.subarray(0, -1) } : reply;",
    to: "return isInvalidate && starts.length > 99 ? { ...reply } : reply;",
  },
  {
    name: "read a namespace again from its beginning",
    file: "src/source/namespace_cursor.ts",
    from: "    this.#from = reply.highWater;",
    to: "    this.#from = this.#request.from;",
  },
  {
    name: "stop a redo of a namespace at the first drop",
    file: "src/pipeline/recover/redo.ts",
    from: "  const { settings } = tail.facts;",
    to: "  const { reading: _, ...settings } = tail.facts.settings;",
  },
  {
    name: "say in an older version how a collection is read",
    file: "src/pipeline/record/wanted_settings.ts",
    from: "v >= 3 &&",
    to: "v >= 2 &&",
  },
  {
    name: "begin at a start that nobody has fixed",
    file: "src/pipeline/layout/target_start.ts",
    from: "  return await journal.putStart(target, start);",
    to: "  return start;",
  },
  {
    name: "save the state before the journal",
    file: "src/pipeline/run/state_keeper.ts",
    from: "      seq: this.#tail.last.seq,",
    to: "      seq: this.#tail.seqNext,",
  },
  {
    name: "keep the bytes of a dropped reply",
    file: "src/pipeline/run/stream_run.ts",
    from: "      this.#batchRoom.release();\n",
    to: "",
  },
  {
    name: "leave without giving leases back",
    file: "src/coordinate/lease/held_stream.ts",
    from: "      await this.lease.release();",
    to: "      if (this.lostLease) await this.lease.release();",
  },
  {
    name: "let a gap reach beyond the barrier",
    file: "src/pipeline/run/stream_run.ts",
    from: "const to = isBeyond ? barrier : oldest;",
    to: "const to = isBeyond ? oldest : oldest;",
    firstSeed: 11,
  },
  {
    name: "take an unreadable event from beyond the barrier",
    file: "src/pipeline/layout/barrier.ts",
    from: "const { unreadable: _, ...readable } = reply;",
    to: "const readable = reply;",
    firstSeed: 11,
  },
  {
    name: "give up objects where the server is behind",
    file: "src/pipeline/recover/redo.ts",
    from: "    if (comparePositions(oldest, record.from) <= 0) throw error;\n",
    to: "    void comparePositions; void oldest;\n",
    firstSeed: 361,
  },
  {
    name: "fix a barrier where a server is that lags behind",
    file: "src/pipeline/layout/barrier.ts",
    from: "    .reduce(laterTime, operationTime);",
    to: "    .reduce((own) => own, (void laterTime, operationTime));",
    firstSeed: 450,
  },
  {
    name: "fix a barrier for one partition alone",
    file: "src/pipeline/layout/barrier.ts",
    from: "  return streamsOfLayout(stream, stream.partition);",
    to: "  return (void streamsOfLayout, [stream]);",
    firstSeed: 843,
  },
  {
    name: "put objects after the deadline, whoever has gone on",
    file: "src/pipeline/batch/batch_writer.ts",
    from: "    if (!this.#lease.isValid()) await this.#assertNoSuccessor(record);",
    to: "    if (key === '') await this.#assertNoSuccessor(record);",
  },
  {
    name: "write the genesis after the first event",
    file: "src/pipeline/recover/genesis.ts",
    from: "  const start = await findStart();",
    to: `  await findStart();
  const { operationTime } = await context.source.describe(lease.signal);
  const start = { operationTime, data: "" };`,
  },
  {
    name: "divide a collection for the first time without an intent",
    file: "src/pipeline/layout/layout_streams.ts",
    from: "  const intent = await layouts.putIntent(target, { epoch: 1, of });",
    to: "  const intent = { epoch: 1, of };",
  },
  {
    name: "encode an object without what went ahead",
    file: "src/pipeline/batch/encode_batch.ts",
    from: "await (begun?.finish(chunks) ?? encoder.encode({ encoding, chunks }));",
    to: "await encoder.encode({ encoding, chunks });",
  },
  {
    name: "give objects that are encoded together each other's bytes",
    file: "src/pipeline/batch/encode_batch.ts",
    from: "resultOf(object, results[i]!)",
    to: "resultOf(object, results.at(-1 - i)!)",
  },
  {
    name: "end an object that is begun without its last events",
    file: "src/pipeline/batch/encode_batch.ts",
    from: "begun?.finish(chunks)",
    to: "begun?.finish([])",
  },
  {
    name: "keep an encoder's place after a run that failed",
    file: "src/pipeline/run/stream_run.ts",
    from: "      this.#batcher.drop();\n",
    to: "",
  },
  {
    name: "take an object that was lost for one that kills its encoder",
    file: "src/pipeline/batch/batch_writer.ts",
    from: "if (error instanceof EncoderCrashError) this.#crashed",
    to: "if (error instanceof Error) this.#crashed",
  },
  {
    name: "believe the news of layouts before an append",
    file: "src/pipeline/layout/barrier.ts",
    from: "    const barrier = await this.find(signal);\n",
    to: `    const isNews = this.#news.newestEpoch(this.#target) >= this.#epochNext;
    const barrier = isNews ? await this.find(signal) : undefined;\n`,
    firstSeed: 209,
  },
  {
    name: "take every collection for one that was never divided",
    file: "src/pipeline/run/stream_catalog.ts",
    from: "layoutNews.newestEpoch(targetKey(collection)) === 0",
    to: "layoutNews.newestEpoch(targetKey(collection)) >= 0",
  },
  {
    name: "wait for a place although a put has failed",
    file: "src/pipeline/batch/batch_writer.ts",
    from: "    this.#throwIfFailed();\n    while (this.#tail",
    to: "    while (this.#tail",
  },
  {
    name: "tell an owner's leases apart by their generations alone",
    file: "src/coordinate/lease/lease_store.ts",
    from: " && a.since === b.since;",
    to: " && (a.since === b.since || a.since !== '');",
  },
  {
    name: "let a redo look at the last two records only",
    file: "src/pipeline/recover/redo.ts",
    from: "  for (let seq = durableThrough + 1; seq <= lastSeq; seq++) {",
    to: "  for (let seq = Math.max(durableThrough + 1, lastSeq - 1); seq <= lastSeq; seq++) {",
  },
  {
    name: "take all events of a position's time for seen",
    file: "src/source/event_reader.ts",
    from: "      if (compareTokens(token, this.#from) > 0) {",
    to: "      if (compareTokens(token.slice(0, 18), this.#from.slice(0, 18)) > 0) {",
  },
  {
    name: "put again without the condition",
    file: "src/destination/memory_destination.ts",
    from: '      if (this.#objects.has(key)) return "exists";\n',
    to: "",
  },
  {
    name: "let the mark count inside a split event",
    file: "src/source/event_reader.ts",
    from: "if (mark !== undefined && !this.#merger?.isInsideEvent) reached = mark;",
    to: "if (mark !== undefined) reached = mark;",
    firstSeed: 64,
  },
  {
    name: "let instances that want other events take turns",
    firstSeed: 116,
    file: "src/pipeline/recover/selection_guard.ts",
    from: "    if (differences.length === 0) return;\n",
    to: "    if (differences.length >= 0) return;\n",
  },
  {
    name: "move a stream beyond the barrier at which it ends",
    firstSeed: 176,
    file: "src/operate/move_position.ts",
    from: "  if (layout === undefined || comparePositions(to, layout.barrier) <= 0) {",
    to: "  if (layout === undefined || layout.epoch > 0) {",
    also: [{
      file: "src/pipeline/layout/close_beyond.ts",
      from: "  if (layout.of > 0 && await isStoredBeyond(",
      to: "  if (layout.of > 0 || await isStoredBeyond(",
    }],
  },
  {
    name: "leave retired targets where each of them ended",
    file: "src/operate/even_out.ts",
    from: "    if (again.length === 0 || round === ROUNDS_MAX) return ends.flat();",
    to: "    if (again.length >= 0 || round === ROUNDS_MAX) return ends.flat();",
    also: [{
      file: "src/operate/retire_streams.ts",
      from: "const LEAD_SECONDS = 3;",
      to: "const LEAD_SECONDS = 0;",
    }],
    firstSeed: 120,
  },
  {
    name: "ask for the time before the intents of a retirement",
    file: "src/operate/retire_streams.ts",
    from: "const LEAD_SECONDS = 3;",
    to: "const LEAD_SECONDS = 0;",
    firstSeed: 625,
  },
  {
    name: "meet again what was passed when reopening",
    file: "src/source/change_stream_pipeline.ts",
    from: "  if (bounds !== undefined) stages.push({ $match: bounds });\n",
    to: "  void bounds;\n",
  },
  {
    name: "send an invented token to a server",
    file: "src/source/change_stream_pipeline.ts",
    from: "    return { startAtOperationTime: new Timestamp(timeAfter(from.operationTime)) };\n",
    to: "    void timeAfter;\n    return { startAfter: tokenOf(from) };\n",
  },
];
