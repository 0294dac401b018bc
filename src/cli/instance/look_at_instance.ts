import type { LakeConfig } from "../../config/config.ts";
import { explainAnswer, explainUnreachable, getStatus, type Instance } from "./instance_request.ts";
import type { StatusView } from "../text/status_view.ts";
import { EXIT, type ExitCode, type VerbContext } from "../verb.ts";

/** What is late where no settings say so. */
const LIMITS_DEFAULT = { lagSeconds: 300, lakeLagSeconds: 330 };

/** What is late by these settings: READY_MAX_LAG, and for the lake the age of a batch on top. */
export function limitsOf(config: LakeConfig | undefined): typeof LIMITS_DEFAULT {
  if (config === undefined) return LIMITS_DEFAULT;
  const lagSeconds = config.readyMaxLagMs / 1000;
  return { lagSeconds, lakeLagSeconds: lagSeconds + config.batchTimeoutMs / 1000 };
}

/** Why an instance had nothing to show. */
export interface NoView {
  readonly code: ExitCode;
  /** For people, with the next step; whole lines. */
  readonly said: string;
  /** Whether somebody answered, be it another program. */
  readonly isAnswered: boolean;
}

/** Whose view it is that follows, where it need not be of the lake that is meant. */
export function thatInstance({ url }: Instance): string {
  return `The instance at ${url} says:\n`;
}

/** What the instance says of itself and others, or why there is nothing to be had. */
export async function lookAtInstance(
  instance: Instance,
  { options }: Pick<VerbContext, "options">,
  config: LakeConfig | undefined,
): Promise<StatusView | NoView> {
  const { readStatus } = await import("./instance_status.ts");
  const code = EXIT.failed;
  try {
    const answer = await getStatus(instance);
    const told = answer.status === 200 ? readStatus(answer.text, limitsOf(config)) : undefined;
    if (told === undefined) return { ...explainAnswer(instance, answer), isAnswered: true };
    const { pipeline, view } = told;
    // On one machine there may be instances of several lakes.
    if (config === undefined || pipeline === null || pipeline === config.pipelineName) return view;
    const said = `The instance at ${instance.url} is of the pipeline ${pipeline}, not of ` +
      `${config.pipelineName}. HTTP_ADDRESS or --url says where that one is.\n`;
    return { code, said, isAnswered: true };
  } catch (error) {
    const more = config === undefined && !options.has("url")
      ? "Instances that share Redis are found by REDIS_URL and DESTINATION.\n"
      : "";
    return { code, said: explainUnreachable(instance, error) + more, isAnswered: false };
  }
}

/** Whether there is nothing to show. */
export function isNoView(look: StatusView | NoView): look is NoView {
  return "said" in look;
}
