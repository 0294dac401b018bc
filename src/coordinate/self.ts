/** This instance, as it tells the others. */
export interface Self {
  /** `{hostname}-{uuid}`, another one for each start. */
  readonly owner: string;
  readonly instance: string;
  readonly version: string;
  readonly recordVersion?: number;
  readonly address?: string;
}

export interface Timing {
  /** How long a lease, and a member, live without a refresh. */
  readonly ttlMs: number;
  /** Less than half of it. */
  readonly refreshMs: number;
  /** How often an instance looks around when nothing seems to happen, and how soon it tries a failed stream again. */
  readonly retryMs: number;
}
