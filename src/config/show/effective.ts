import { usesPathStyle } from "../../model/address/s3_settings.ts";
import type { Config } from "../config.ts";
import { destinationUrl } from "../resolve/destination_target.ts";
import { type Origin, originText } from "../read/fault.ts";
import { maskedValue } from "../read/layers.ts";
import type { Loaded } from "../resolve/load.ts";
import { setting, SETTING_NAMES, type SettingName, STAGES_KEY } from "../table/schema.ts";

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
  const settings = SETTING_NAMES.map((name) => {
    const isDerived = loaded.values[name] === undefined;
    const origin = loaded.origins.get(name);
    const value = effectiveValue(name, config, loaded);
    const effective = effectiveOrigin(origin, isDerived && value !== undefined);
    return value === undefined ? { name, origin: effective } : { name, value, origin: effective };
  });
  if (loaded.stagesOrigin === undefined) return settings;
  const stages = { name: STAGES_KEY, value: JSON.stringify(config.stages) };
  return [...settings, { ...stages, origin: originText(loaded.stagesOrigin) }];
}

/** One setting's value in the user's form, masked where it is a secret; undefined where it has none. */
export function effectiveValue(
  name: SettingName,
  config: Config,
  { values }: Pick<Loaded, "values">,
): string | undefined {
  const own = values[name];
  const text = own === undefined ? derivedValues(config)[name] : setting(name).kind.format(own);
  return text === undefined ? undefined : maskedValue(name, text);
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
    JOURNAL: destinationUrl(config.journal ?? config.destination),
    SNAPSHOT: config.snapshot.kind === "off" ? "off" : "initial",
    S3_FORCE_PATH_STYLE: String(usesPathStyle(config.s3)),
    KEY_TEMPLATE: config.keyRule.template,
    ENCODERS: String(config.encoders),
    PIPELINE_NAME: config.pipelineName,
    STATE_STORE: stateStore.kind === "file" ? `file://${stateStore.directory}` : stateStore.kind,
    DISTRIBUTED_LOCK_ENABLED: String(config.lock.kind !== "memory"),
    INSTANCE_NAME: config.instanceName,
  };
}
