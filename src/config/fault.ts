/** One thing that is wrong with the settings. No text in it contains a secret. */
export interface Fault {
  /** The setting's name in the environment, or the flag or YAML key that nobody knows. */
  readonly setting: string;
  /** The value as given, masked where it is a secret. */
  readonly given?: string;
  /** Where the value stands, as `originText` says it. */
  readonly origin?: string;
  /** `lake.yaml:12:5`: where it stands in the YAML file, for people and editors. */
  readonly place?: string;
  /** A whole sentence. */
  readonly problem: string;
  /** What to do now; a whole sentence. */
  readonly next?: string;
}

/** Where a value comes from, the strongest layer last. */
export interface Origin {
  readonly layer: "default" | "derived" | "file" | "environment" | "flag" | "program";
  /** The flag, variable or YAML key; for a derived value, what it follows from. Empty for a default. */
  readonly spelled: string;
  /** Of a value in the YAML file: `lake.yaml:12:5`. */
  readonly place?: string;
}

/** `flag --batch-size`, `environment BATCH_SIZE`, `file lake.yaml (batchSize)`, `default`. */
export function originText(origin: Origin): string {
  return origin.spelled === "" ? origin.layer : `${origin.layer} ${origin.spelled}`;
}

/** All faults, for a person. */
export function formatFaults(faults: readonly Fault[]): string {
  const head = faults.length === 1
    ? "1 fault in the configuration:"
    : `${faults.length} faults in the configuration:`;
  return [head, ...faults.map(formatFault)].join("\n\n") + "\n";
}

/** A fault on one line, for the log. */
export function faultLine(fault: Fault): string {
  const next = fault.next === undefined ? "" : ` ${fault.next}`;
  return `${subjectOf(fault, " ")}: ${fault.problem}${next}`;
}

function formatFault(fault: Fault): string {
  const lines = [`  ${subjectOf(fault, "  ")}`, `    ${fault.problem}`];
  if (fault.next !== undefined) lines.push(`    ${fault.next}`);
  return lines.join("\n");
}

/** What is wrong and where: in a file as compilers say it, which editors can follow. */
function subjectOf({ setting, given, origin, place }: Fault, gap: string): string {
  const value = given === undefined ? "" : ` = ${JSON.stringify(given)}`;
  if (place === undefined) {
    return setting + value + (origin === undefined ? "" : `${gap}(${origin})`);
  }
  // What is wrong with a file as a whole has the file's name.
  return place.startsWith(`${setting}:`) ? place : `${place}: ${setting}${value}`;
}
