import type { LakeConfig } from "../config/config.ts";
import { explainAnswer, explainUnreachable, getStatus, type Instance } from "./instance_request.ts";
import type { StatusView } from "./status_view.ts";
import { EXIT, type ExitCode, type VerbContext } from "./verb.ts";

/** What is late where no settings say so. */
const LIMITS_DEFAULT = { lagSeconds: 300, lakeLagSeconds: 330 };

/** What is late by these settings: READY_MAX_LAG, and for the lake the age of a batch on top. */
export function limitsOf(config: LakeConfig | undefined): typeof LIMITS_DEFAULT {
  if (config === undefined) return LIMITS_DEFAULT;
  const lagSeconds = config.readyMaxLagMs / 1000;
  return { lagSeconds, lakeLagSeconds: lagSeconds + config.batchTimeoutMs / 1000 };
}

/** What the instance says of itself and others; else says why there is nothing to be had, and gives what to end with. */
export async function lookAtInstance(
  instance: Instance,
  { host, options }: Pick<VerbContext, "host" | "options">,
  config: LakeConfig | undefined,
): Promise<StatusView | ExitCode> {
  const { readStatus } = await import("./instance_status.ts");
  try {
    const answer = await getStatus(instance);
    const told = answer.status === 200 ? readStatus(answer.text, limitsOf(config)) : undefined;
    if (told === undefined) return explainAnswer(instance, answer, host);
    const { pipeline, view } = told;
    // On one machine there may be instances of several lakes.
    if (config === undefined || pipeline === null || pipeline === config.pipelineName) return view;
    host.stderr.write(
      `The instance at ${instance.url} is of the pipeline ${pipeline}, not of ` +
        `${config.pipelineName}. HTTP_ADDRESS or --url says where that one is.\n`,
    );
  } catch (error) {
    host.stderr.write(explainUnreachable(instance, error));
    if (config === undefined && !options.has("url")) {
      host.stderr.write("Instances that share Redis are found by REDIS_URL and DESTINATION.\n");
    }
  }
  return EXIT.failed;
}
