import type { Config } from "./config.ts";
import { destinationUrl } from "./destination_target.ts";
import { type Origin, originText } from "./fault.ts";
import { maskedValue } from "./layers.ts";
import type { Loaded } from "./load.ts";
import { setting, SETTING_NAMES, type SettingName, STAGES_KEY } from "./schema.ts";

/** A setting as it is in effect, for people: secrets are masked. */
export interface EffectiveSetting {
  readonly name: string;
  /** In the user's form; undefined where the setting has no value. */
  readonly value?: string;
  /** `default`, `derived`, or the layer and the flag, variable or key. */
  readonly origin: string;
}

/** Every setting with its value and where that comes from, in the order of the table, the stages last. */
export function effectiveSettings(config: Config, loaded: Loaded): EffectiveSetting[] {
  const derived = derivedValues(config);
  const settings = SETTING_NAMES.map((name) => {
    const own = loaded.values[name];
    const origin = loaded.origins.get(name);
    const text = own === undefined ? derived[name] : setting(name).kind.format(own);
    const effective = effectiveOrigin(origin, own === undefined && text !== undefined);
    return text === undefined
      ? { name, origin: effective }
      : { name, value: maskedValue(name, text), origin: effective };
  });
  if (loaded.stagesOrigin === undefined) return settings;
  const stages = { name: STAGES_KEY, value: JSON.stringify(config.stages) };
  return [...settings, { ...stages, origin: originText(loaded.stagesOrigin) }];
}

function effectiveOrigin(given: Origin | undefined, isDerived: boolean): string {
  if (given !== undefined) return originText(given);
  return isDerived ? "derived" : "default";
}

/** What settings without a value of their own follow to. */
function derivedValues(config: Config): Partial<Record<SettingName, string>> {
  const { watch, stateStore } = config;
  return {
    WATCH_LEVEL: watch.level,
    ...(watch.level === "database" ? { MONGODB_DATABASE: watch.database } : {}),
    DESTINATION: destinationUrl(config.destination),
    S3_FORCE_PATH_STYLE: String(config.s3.forcePathStyle),
    KEY_TEMPLATE: config.keyRule.template,
    ENCODERS: String(config.encoders),
    PIPELINE_NAME: config.pipelineName,
    STATE_STORE: stateStore.kind === "file" ? `file://${stateStore.directory}` : stateStore.kind,
    DISTRIBUTED_LOCK_ENABLED: String(config.lock.kind !== "memory"),
    INSTANCE_NAME: config.instanceName,
  };
}
