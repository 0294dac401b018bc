import type { LeaseInfo } from "../lease/lease_store.ts";
import { claimsOf, type Division, type DivisionClaim } from "./division.ts";

type Listed = { -readonly [key in keyof LeaseInfo]: LeaseInfo[key] };

/** The claims of a division, and as leases that anybody can see: made once, for there may be thousands and many looks. */
export class ListedLeases {
  #division: Division | undefined;
  #claims: readonly DivisionClaim[] = [];
  #leases: readonly Listed[] = [];

  /** By stream. */
  claimsOf(division: Division): readonly DivisionClaim[] {
    if (this.#division !== division) {
      this.#division = division;
      this.#claims = claimsOf(division);
      this.#leases = this.#claims.map(listed);
    }
    return this.#claims;
  }

  /**
   * Of the same division it is the same list, in which what is left of each is as of now. `leftOf`: how long a claim still
   * counts; undefined: it is not shown.
   */
  leasesOf(
    division: Division,
    leftOf: (claim: DivisionClaim) => number | undefined,
  ): readonly LeaseInfo[] {
    let isAll = true;
    this.claimsOf(division).forEach((claim, i) => {
      const leftMs = leftOf(claim);
      this.#leases[i]!.leftMs = leftMs ?? NaN;
      isAll &&= leftMs !== undefined;
    });
    return isAll ? this.#leases : this.#leases.filter(({ leftMs }) => !Number.isNaN(leftMs));
  }
}

function listed({ stream, generation, owner, instance, since }: DivisionClaim): Listed {
  return { stream, generation, owner, instance, since, leftMs: NaN };
}
