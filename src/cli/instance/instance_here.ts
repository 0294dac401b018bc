import type { LakeConfig } from "../../config/config.ts";
import type { StatusView } from "../text/status_view.ts";
import type { VerbContext } from "../verb.ts";
import { type Instance, instanceOrExplain } from "./instance_request.ts";
import { isNoView, lookAtInstance } from "./look_at_instance.ts";

export interface Here {
  readonly instance: Instance;
  readonly view: StatusView;
}

/**
 * What the instance on this machine says, where it is one of those that meet and something is wrong for it: it knows that
 * at once. Where the instances meet lies what each could tell last, and nothing new comes there while nothing can be written.
 */
export async function troubleHere(
  context: VerbContext,
  config: LakeConfig,
  { instances }: Pick<StatusView, "instances">,
): Promise<Here | undefined> {
  if (config.http === undefined || instances.length === 0) return undefined;
  const instance = instanceOrExplain(context, true);
  if (typeof instance === "number") return undefined;
  const view = await lookAtInstance(instance, context, config);
  if (isNoView(view)) return undefined;
  const isOneOfThem = view.instances.some(({ id }) => instances.some((each) => each.id === id));
  const isTrouble = view.causes.some(({ severity }) => severity === "critical");
  return isOneOfThem && isTrouble ? { instance, view } : undefined;
}
