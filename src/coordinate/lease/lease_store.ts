/**
 * Where the leases of all instances are kept. Each method is atomic and looks at the store's own clock; the holder's
 * side of a lease, its deadline, is `timed_leases.ts`. Errors are `TransientError` (it may have been carried out) and
 * `PermanentError`.
 */
export interface LeaseStore {
  /**
   * Gives the lease to the holder if it is free, or this owner's already (the answer to an earlier call was lost).
   *
   * @param asking called before each request that may give it: its time counts from the last of them, or from the call
   * @returns the generation, higher than any that this stream's leases had before as far as the store remembers;
   *   undefined while somebody else holds it
   */
  take(
    streamKey: string,
    holder: LeaseHolder,
    ttlMs: number,
    asking?: () => void,
  ): Promise<number | undefined>;

  /**
   * Lets the lease live for another `ttlMs` from now, if it is still the one of the claim. `gone`: nobody holds it
   * (it expired, a person released it, the store lost its memory). It is not made again then: somebody else may have
   * run the stream in between, and a person who deletes a lease means to end it.
   *
   * `agoMs`: it was refreshed so long before this call, together with others; its time counts from then.
   */
  refresh(streamKey: string, claim: LeaseClaim, ttlMs: number): Promise<RefreshAnswer>;

  /** As `refresh` for several leases of one owner, an answer for each; left out where that takes a request for each. */
  refreshAll?(claims: readonly StreamClaim[], ttlMs: number): Promise<readonly RefreshAnswer[]>;

  /** Ends the lease if it is still the one of the claim; says whether it was. */
  release(streamKey: string, claim: LeaseClaim): Promise<boolean>;

  /** Ends the lease whoever holds it, for people; says whether there was one. The holder learns of it at its next refresh. */
  releaseAny(streamKey: string): Promise<boolean>;

  /** All leases that are held now. It may be the list that was given before: then only what is left of each is another. */
  list(): Promise<readonly LeaseInfo[]>;
}

/** The lease of who keeps the tables of a lake: an instance's own beside those of its streams. */
export const TABLES_LEASE = "tables";

/** Who takes a lease. */
export interface LeaseHolder {
  /** The instance's owner id, `{hostname}-{uuid}`. */
  readonly owner: string;
  /** Its name for people. */
  readonly instance: string;
  /** Wall clock, ISO 8601, for people. */
  readonly since: string;
}

/**
 * What makes a lease one's own. A store that has forgotten gives out the same generations again; then `since` tells an
 * owner's lease from the one before, whose release may still be on its way.
 */
export interface LeaseClaim {
  readonly owner: string;
  readonly generation: number;
  /** As it was taken with. */
  readonly since: string;
}

/** The claim to the lease of a stream. */
export interface StreamClaim {
  readonly stream: string;
  readonly claim: LeaseClaim;
}

export function isSameClaim(a: LeaseClaim, b: LeaseClaim): boolean {
  return a.owner === b.owner && a.generation === b.generation && a.since === b.since;
}

export type RefreshAnswer = "refreshed" | "gone" | "taken" | { readonly agoMs: number };

/** A lease as anybody can see it. */
export interface LeaseInfo extends LeaseHolder, LeaseClaim {
  readonly stream: string;
  /** Until it expires without a refresh; `Infinity` where it does not. */
  readonly leftMs: number;
}
