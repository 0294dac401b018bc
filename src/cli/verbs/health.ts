import {
  askHealth,
  explainAnswer,
  explainUnreachable,
  INSTANCE_OPTIONS,
  instanceOrExplain,
} from "../instance/instance_request.ts";
import { EXIT, type Verb } from "../verb.ts";

/** `tributary health`, for containers' health checks. */
export const health: Verb = {
  name: "health",
  summary: "Ask the instance here whether it lives; ends with 0 if it does",
  example: "tributary health --url http://127.0.0.1:8080",
  ...INSTANCE_OPTIONS,
  async run(context) {
    const { host } = context;
    const instance = instanceOrExplain(context);
    if (typeof instance === "number") return instance;
    try {
      const answer = await askHealth(instance);
      const line = describeHealth(answer.text);
      if (line === undefined || answer.status !== 200) {
        host.stderr.write(line === undefined ? explainAnswer(instance, answer).said : `${line}\n`);
        return EXIT.failed;
      }
      host.stdout.write(`${line}\n`);
      return EXIT.done;
    } catch (error) {
      host.stderr.write(explainUnreachable(instance, error));
      return EXIT.failed;
    }
  },
};

/** `degraded, running; redis unhealthy`; undefined for what is no health. */
function describeHealth(text: string): string | undefined {
  const health = parsed(text);
  if (typeof health?.status !== "string") return undefined;
  const states = Object.entries(health.dependencies ?? {});
  const away = states.filter(([, state]) => state !== "healthy").map((pair) => pair.join(" "));
  return [`${health.status}, ${health.processing_status}`, ...away].join("; ");
}

interface HealthAnswer {
  readonly status?: unknown;
  readonly processing_status?: unknown;
  readonly dependencies?: Readonly<Record<string, unknown>>;
}

function parsed(text: string): HealthAnswer | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
