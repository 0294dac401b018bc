const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const SIZE_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
};

/** `500ms`, `30s`, `1.5m`, `2h`, `7d` in milliseconds; undefined for any other text. */
export function parseDurationMs(text: string): number | undefined {
  return parseQuantity(text, /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/, DURATION_MS);
}

/** `64MiB`, `100KB`, `12B` in bytes; undefined for any other text. */
export function parseSizeBytes(text: string): number | undefined {
  return parseQuantity(text, /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|KB|MB|GB)$/, SIZE_BYTES);
}

/** The shortest text that `parseDurationMs` reads back as this many milliseconds. */
export function formatDuration(ms: number): string {
  return formatQuantity(ms, ["d", "h", "m", "s"], DURATION_MS, "ms");
}

/** The shortest text in binary units that `parseSizeBytes` reads back as this many bytes. */
export function formatSize(bytes: number): string {
  return formatQuantity(bytes, ["GiB", "MiB", "KiB"], SIZE_BYTES, "B");
}

/** For people who watch: `27s`, `4m 05s`, `3h 20m`, `2d 4h`; `-` for no end. */
export function formatSeconds(ms: number): string {
  if (!Number.isFinite(ms)) return "-";
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (value: number) => String(value).padStart(2, "0");
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return `${minutes}m ${two(seconds % 60)}s`;
  if (hours < 48) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

function parseQuantity(
  text: string,
  form: RegExp,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const match = form.exec(text.trim());
  if (match === null) return undefined;
  const value = Math.round(Number(match[1]) * units[match[2]!]!);
  return Number.isSafeInteger(value) ? value : undefined;
}

function formatQuantity(
  value: number,
  names: readonly string[],
  units: Readonly<Record<string, number>>,
  smallest: string,
): string {
  const name = names.find((n) => value >= units[n]! && value % units[n]! === 0);
  return name === undefined ? `${value}${smallest}` : `${value / units[name]!}${name}`;
}
