import type { StreamSettings } from "../model/settings.ts";
import type { Config, SourceConfig } from "./config.ts";

/**
 * What of the configuration decides which events a stream selects and which bytes they become: what journals keep.
 *
 * `reading` is for streams of whole collections, and for records that can say it (`pipeline/record/wanted_settings.ts`).
 * `encoderVersion` is that of the encoders in this program.
 */
export function streamSettings(
  config: SourceConfig & Pick<Config, "keyRule">,
  encoderVersion: number,
): StreamSettings {
  const { watch } = config;
  return {
    fullDocument: config.fullDocument,
    fullDocumentBeforeChange: config.fullDocumentBeforeChange,
    // A collection's stream is the same whatever other collections are watched beside it.
    namespaces: watch.level === "collection" ? { include: [], exclude: [] } : watch.filter,
    stages: config.stages,
    ...(config.reading === "shared" ? { reading: "namespace" } : {}),
    ...(config.redact.length === 0 ? {} : { redact: config.redact }),
    encoding: config.encoding,
    keyRule: config.keyRule,
    encoderVersion,
  };
}
