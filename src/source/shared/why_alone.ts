import { isWholeCollection } from "../../model/stream.ts";
import type { OpenRequest } from "../../pipeline/ports.ts";
import { keepsNamespace } from "./keeps_namespace.ts";

/** Why a stream never shares a change stream, as it is set. */
export type WhyNeverShared =
  /** It is of a database or of the deployment. */
  | "level"
  | "partition"
  /** It is not read by namespace: so the settings say, or a journal that has not moved on yet. */
  | "own"
  /** The stages may change the fields by which events are divided. */
  | "stages";

/** Why a stream has a change stream of its own. `behind`: its position is too far from those of the others. */
export type WhyAlone = "slow" | "failed" | "rights" | "behind" | WhyNeverShared;

/** Undefined where it may share one. */
export function whyNeverShared(
  { stream, settings }: Pick<OpenRequest, "stream" | "settings">,
): WhyNeverShared | undefined {
  if (stream.level !== "collection") return "level";
  if (!isWholeCollection(stream)) return "partition";
  if (settings.reading !== "namespace") return "own";
  return keepsNamespace(settings.stages) ? undefined : "stages";
}
