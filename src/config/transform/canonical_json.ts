/** Keys that make an object one Extended JSON value instead of a document. */
const WRAPPERS = new Set([
  "$oid",
  "$date",
  "$numberInt",
  "$numberLong",
  "$numberDouble",
  "$numberDecimal",
  "$binary",
  "$uuid",
  "$regularExpression",
  "$timestamp",
  "$symbol",
  "$code",
  "$dbPointer",
  "$minKey",
  "$maxKey",
  "$undefined",
]);

const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;

/**
 * A value of a YAML file as canonical Extended JSON v2: `1` is an int32 (an int64 where it does not fit), `1.0` a double.
 * Values that are Extended JSON already stay, with relaxed dates made canonical.
 */
export function canonicalJson(value: unknown): unknown {
  if (typeof value === "bigint") {
    const fits = value >= INT32_MIN && value <= INT32_MAX;
    return fits ? { $numberInt: `${value}` } : { $numberLong: `${value}` };
  }
  if (typeof value === "number") return { $numberDouble: doubleText(value) };
  if (Array.isArray(value)) return value.map(canonicalJson);
  if (typeof value !== "object" || value === null) return value;
  if (isExtendedValue(value)) return canonicalWrapper(value as Record<string, unknown>);
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, canonicalJson(v)]));
}

/** Whether the object is a single value such as `{ $oid: ... }`. */
export function isExtendedValue(value: object): boolean {
  const keys = Object.keys(value);
  return keys.length === 1 && WRAPPERS.has(keys[0]!);
}

function doubleText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? value.toFixed(1) : String(value);
}

function canonicalWrapper(wrapper: Record<string, unknown>): unknown {
  const [key, inner] = Object.entries(wrapper)[0]!;
  if (key === "$date" && typeof inner === "string") {
    const ms = Date.parse(inner);
    return Number.isNaN(ms) ? wrapper : { $date: { $numberLong: String(ms) } };
  }
  return { [key]: wrapperText(key, inner) };
}

/** Numbers written without quotes in a wrapper that wants text, or plain numbers in one that wants numbers. */
function wrapperText(key: string, inner: unknown): unknown {
  const isNumber = typeof inner === "bigint" || typeof inner === "number";
  if (isNumber) return /^\$(min|max)Key$/.test(key) ? Number(inner) : String(inner);
  if (typeof inner !== "object" || inner === null) return inner;
  const entries = Object.entries(inner).map(([k, v]) => {
    if (typeof v !== "bigint") return [k, v];
    return [k, k.startsWith("$") ? String(v) : Number(v)];
  });
  return Object.fromEntries(entries);
}
