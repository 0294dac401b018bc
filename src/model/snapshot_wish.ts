/** Whether the documents that are there when a target is streamed for the first time become rows. */
export type SnapshotWish =
  /** They do not; `why`: nobody has said so, but what is set speaks against it. */
  | { readonly kind: "off"; readonly why?: NoSnapshot }
  /** Somebody has asked for them: a target that cannot have them does not begin. */
  | { readonly kind: "initial" }
  /** Nobody has said anything: a target that cannot have them begins without. */
  | { readonly kind: "where-possible" };

/** Why documents that are there become no rows. */
export interface NoSnapshot {
  readonly reason: string;
  /** What a person can do who wants them. */
  readonly change: string;
}
