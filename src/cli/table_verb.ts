import type { LakeConfig } from "../config/config.ts";
import { TABLE_ARGUMENT, withTableChoice } from "./table_option.ts";
import { nothingFound } from "./text/nothing_found.ts";
import {
  CATALOG_SETTINGS,
  EXIT,
  type ExitCode,
  LAKE_SETTINGS,
  type Verb,
  type VerbContext,
  type VerbOption,
} from "./verb.ts";
import type { SettingName } from "../config/table/schema.ts";
import type { Surroundings } from "./with_app.ts";

/** What a verb has done where it has told of a part already that it could not do. */
export interface Outcome<R> {
  readonly reports: readonly R[];
  /** Whether there is no such part. */
  readonly isWhole: boolean;
}

/** What such a verb has of its own. */
export interface TableVerb<R> {
  readonly name: string;
  readonly summary: string;
  readonly options?: readonly VerbOption[];
  /** Settings that the others do not look at. */
  readonly settings?: readonly SettingName[];
  /** What it does to the tables of one collection, or of all. */
  readonly work: (
    around: Surroundings,
    config: LakeConfig,
    only: { readonly database: string; readonly collection: string } | undefined,
    context: VerbContext,
  ) => Promise<readonly R[] | Outcome<R>>;
  /** `all`: what is told beside it. */
  readonly textOf: (report: R, i: number, all: readonly R[]) => string;
  /** Whether all is well with it. Default: yes. */
  readonly isWell?: (report: R) => boolean;
}

/** A verb about the tables that there are; it fails where there is none. */
export function tableVerb<R>(own: TableVerb<R>): Verb {
  const { name, summary, work, textOf, isWell = () => true } = own;
  return {
    name,
    summary,
    example: `tributary ${name} shop.orders --destination s3://lake/shop`,
    settings: [
      ...[...LAKE_SETTINGS, "KEY_STRATEGY", "KEY_TEMPLATE", "TABLES", ...CATALOG_SETTINGS] as const,
      ...own.settings ?? [],
    ],
    shownSettings: ["DESTINATION", "S3_ENDPOINT", "KEY_STRATEGY", "TABLES"],
    arguments: [TABLE_ARGUMENT],
    options: [...own.options ?? [], { flags: "--json", description: "print JSON" }],
    run(context): Promise<ExitCode> {
      const { host, args, options } = context;
      return withTableChoice(context, async (around, config, only) => {
        const outcome = await work(around, config, only, context);
        const { reports, isWhole } = "reports" in outcome
          ? outcome
          : { reports: outcome, isWhole: true };
        host.stdout.write(
          options.has("json")
            ? JSON.stringify(reports, null, 2) + "\n"
            : reports.map(textOf).join(""),
        );
        if (!isWhole) return EXIT.failed;
        if (reports.length > 0) return reports.every(isWell) ? EXIT.done : EXIT.failed;
        const what = only === undefined ? "table" : `table of ${args[0]}`;
        host.stderr.write(
          nothingFound(config.destination, what, "tributary table build all")
            .replace("lists those that are there", "makes those that can be had"),
        );
        return EXIT.failed;
      });
    },
  };
}
