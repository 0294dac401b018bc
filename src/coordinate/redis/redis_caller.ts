/** What the control plane needs of a Redis client. Errors are those of `model/errors.ts`; a command is never sent twice. */
export interface RedisCaller {
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
}

/** The keys of a pipeline. `prefix` is `{KEY:PIPELINE}`: its braces keep them all in one slot of a Cluster. */
export function fleetKeys(prefix: string) {
  return {
    lock: (streamKey: string) => `${prefix}:lock:${streamKey}`,
    generation: (streamKey: string) => `${prefix}:generation:${streamKey}`,
    /** The set of all streams that ever had a lease. */
    locks: `${prefix}:locks`,
    member: (owner: string) => `${prefix}:member:${owner}`,
    /** The set of the owner ids of all members. */
    members: `${prefix}:members`,
    news: (owner: string) => `${prefix}:news:${owner}`,
    /** The set of the keys of all streams that are told to pause. */
    paused: `${prefix}:paused`,
    /** The set of the keys of all streams that are to store what they have read. */
    flushes: `${prefix}:flushes`,
    /** A number that grows with each change somebody may wait for. */
    changes: `${prefix}:changes`,
  };
}
