/** A compaction that can stand for its inputs. */
export interface Choice {
  readonly id: string;
  readonly inputs: readonly string[];
}

/**
 * Of compactions that share inputs those that are taken together: no input twice, and each that is gone by one of them. Who looks
 * at the same compactions, and finds the same gone, chooses the same.
 */
export function chooseCompactions(
  all: readonly Choice[],
  isGone: (input: string) => boolean,
): readonly Choice[] {
  const chosen: Choice[] = [];
  let open = all.toSorted((a, b) => a.id < b.id ? -1 : 1);
  while (open.length > 0) {
    const next = needed(open, isGone) ?? bestOf(open, isGone);
    chosen.push(next);
    const taken = new Set(next.inputs);
    open = open.filter(({ inputs }) => !inputs.some((input) => taken.has(input)));
  }
  return chosen;
}

/** One without which something that is gone would be nowhere. */
function needed(open: readonly Choice[], isGone: (input: string) => boolean): Choice | undefined {
  const only = new Map<string, Choice | undefined>();
  for (const choice of open) {
    for (const input of choice.inputs) {
      if (isGone(input)) only.set(input, only.has(input) ? undefined : choice);
    }
  }
  return [...only.values()].find((choice) => choice !== undefined);
}

function bestOf(open: readonly Choice[], isGone: (input: string) => boolean): Choice {
  const weight = ({ inputs }: Choice) => [inputs.filter(isGone).length, inputs.length] as const;
  return open.reduce((best, each) => {
    const [a, b] = [weight(best), weight(each)];
    return b[0] > a[0] || (b[0] === a[0] && b[1] > a[1]) ? each : best;
  });
}
