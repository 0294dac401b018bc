import type { InstanceView } from "../../coordinate/fleet_view.ts";
import type { ServiceNews } from "../../coordinate/news.ts";
import { isoTime } from "../../support/clock.ts";
import { redact } from "../../support/redact.ts";
import type { CauseDependency } from "./cause_facts.ts";
import type { DependencyFacts, DependencyName } from "./dependency_watch.ts";

/** Of longer reasons the beginning is told. */
const REASON_CHARS_MAX = 500;

/** What others are told of the services that fail this instance, without secrets. */
export function servicesAway(
  facts: Iterable<readonly [DependencyName, DependencyFacts]>,
): ServiceNews[] {
  return [...facts].filter(([, { state }]) => state === "unhealthy")
    .map(([name, { sinceMs, reason, refuses }]) => ({
      ...{ name, since: isoTime(sinceMs), refuses },
      ...(reason === undefined ? {} : { reason: redact(reason).slice(0, REASON_CHARS_MAX) }),
    }));
}

/**
 * Whether a service that fails this instance's streams fails all others as well, so that no other could run them. Somebody
 * else must be there: who is alone gives streams back, for people to mend them.
 */
export function failsEverybody(
  own: Iterable<readonly [DependencyName, DependencyFacts]>,
  others: readonly Pick<InstanceView, "away" | "leaving" | "silence">[],
): boolean {
  const there = others.filter(({ leaving, silence }) => !leaving && silence === undefined);
  if (there.length === 0) return false;
  return [...own].some(([name, { state }]) =>
    name !== "redis" && state === "unhealthy" &&
    there.every(({ away = [] }) => away.some((service) => service.name === name))
  );
}

/**
 * What is known here of the services, and what the instances say of those of which here nothing bad is known.
 *
 * @param known of somebody who has nothing to do with the services: none.
 */
export function servicesOfAll(
  known: readonly CauseDependency[],
  instances: readonly Pick<InstanceView, "name" | "away">[],
): CauseDependency[] {
  const told = instances.flatMap(({ name: instance, away = [] }) =>
    away.map((service) => ({ instance, ...service }))
  );
  const isAwayHere = ({ state }: CauseDependency) => state === "unhealthy";
  const here = new Set(known.filter(isAwayHere).map(({ name }) => name));
  const names = new Set(told.map(({ name }) => name).filter((name) => !here.has(name)));
  const elsewhere = [...names].map((name): CauseDependency => {
    const words = told.filter((each) => each.name === name);
    const [first] = words.toSorted((a, b) => a.since < b.since ? -1 : 1);
    const { since, reason = null, refuses } = first!;
    const dependency = { name, state: "unhealthy" as const, since, reason, refuses };
    // All say so, and nobody knows better: then it is no single instance's trouble.
    if (words.length === instances.length && known.length === 0) return dependency;
    return { ...dependency, failing: words.map(({ instance }) => instance) };
  });
  return [...known.filter(({ name }) => !names.has(name)), ...elsewhere];
}
