/** What a cause says, and the plain facts that causes are made of (`causes.ts`). */

export interface Cause {
  /** The kind of cause; with a number behind it where there are several of a kind. */
  readonly id: string;
  readonly severity: "critical" | "warning" | "info";
  /** ISO 8601. */
  readonly since: string | null;
  /** One short sentence that names the thing. */
  readonly text: string;
  /** What `text` ends with behind a colon, where somebody else said it. */
  readonly reason?: string;
  /** The next step. */
  readonly next: string;
  /** The names of the streams that it holds up. */
  readonly streams: readonly string[];
  /** By it nobody can say who holds which lease, though its id does not tell. */
  readonly leasesUnknown?: true;
}

export interface CauseFacts {
  /** Now, ISO 8601; absent: whatever is free has been for long. */
  readonly at?: string;
  readonly dependencies: readonly CauseDependency[];
  readonly streams: readonly CauseStream[];
  readonly instances: readonly CauseInstance[];
  readonly oplogWindowSeconds: number | null;
  /** Since when the place where the instances meet has not answered, and no dependency says so; else null. */
  readonly leasesAwaySince?: string | null;
  readonly leasesAwayReason?: string | null;
  readonly limits: CauseLimits;
}

export interface CauseLimits {
  /** READY_MAX_LAG. */
  readonly lagSeconds: number;
  /** With BATCH_TIMEOUT: a batch may be so old by right. */
  readonly lakeLagSeconds: number;
}

export interface CauseDependency {
  readonly name: "mongodb" | "redis" | "destination";
  readonly state: "healthy" | "unhealthy" | "unknown";
  /** ISO 8601. */
  readonly since: string;
  readonly reason: string | null;
  /** It answers, and refuses what it is asked for. */
  readonly refuses?: boolean;
  /** The instances that it fails, where it is not known to fail all; their streams alone wait for it. */
  readonly failing?: readonly string[];
}

export interface CauseStream {
  readonly name: string;
  /** As in `StatusStream`. */
  readonly condition: string;
  readonly lagSeconds: number | null;
  readonly lakeLagSeconds: number | null;
  readonly oplogHeadroomSeconds: number | null;
  /** Since when it is paused, ISO 8601, where that is known. */
  readonly pausedSince?: string;
  /** Since when nobody has it who should, ISO 8601. */
  readonly freeSince?: string | null;
  readonly bufferedEvents: number | null;
  /** The name of the instance that has it. */
  readonly instance?: string | null;
  /** The name of the instance that has its lease and is silent. */
  readonly leftBy?: string;
  /** Gaps and objects given up that nobody has accepted. */
  readonly lost?: number;
  readonly error: { readonly message: string; readonly since?: string; readonly at: string } | null;
}

export interface CauseInstance {
  readonly name: string;
  /** As in `StatusInstance`. */
  readonly state: string;
  /** Settings that it read again and did not take. */
  readonly refusedSettings?: { readonly since: string; readonly reason: string };
  /** When it last said something, ISO 8601; absent: it talks. */
  readonly silentSince?: string;
  /** After so long all leases of a silent one are over. */
  readonly leaseMsLeft?: number;
}
