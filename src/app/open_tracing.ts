import { isTracingWanted } from "../observe/otel_variables.ts";
import type { Tracing } from "../observe/tracing.ts";
import type { MonitorParts } from "./monitoring.ts";

/** Traces streams where the environment asks for it; what is needed for it is loaded only then. */
export async function openTracing(
  { config, tools: { env = () => undefined, ...tools }, resources, owner }: Pick<
    MonitorParts,
    "config" | "tools" | "resources" | "owner"
  >,
): Promise<Tracing | undefined> {
  if (!isTracingWanted(env)) return undefined;
  const { startTracing } = await import("../observe/tracing.ts");
  const { pipelineName, instanceName } = config;
  const attributes = {
    "tributary.pipeline": pipelineName,
    "tributary.instance": instanceName,
  };
  const tracing = startTracing({ env, attributes, instanceId: owner, ...tools });
  resources.defer(async () => await tracing[Symbol.asyncDispose]());
  return tracing;
}
