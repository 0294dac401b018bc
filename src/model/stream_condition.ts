/**
 * How it stands with a stream that an instance runs. `opening` takes over its journal or opens its change stream,
 * `running` reads; `waiting` tries again after a failure that may pass, `failed` after one that will not pass by itself,
 * both until it has done what it failed at; `stopped` and `closed` are no longer this instance's, `closed` for good.
 */
export const STREAM_CONDITIONS = [
  "opening",
  "running",
  "waiting",
  "failed",
  "stopped",
  "closed",
] as const;

export type StreamCondition = typeof STREAM_CONDITIONS[number];

/**
 * How people are shown a stream of the fleet: as the instance that runs it says, or `paused` by an operator;
 * `elsewhere`: another instance has it and says no more; `free`: nobody has it who should.
 */
export const SHOWN_CONDITIONS = [...STREAM_CONDITIONS, "paused", "elsewhere", "free"] as const;

export type ShownCondition = typeof SHOWN_CONDITIONS[number];
