/** The object without its undefined fields, as types with exact optional fields want it. */
export function omitUndefined<T extends object>(
  object: T,
):
  & { [K in keyof T as undefined extends T[K] ? never : K]: T[K] }
  & {
    [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
  } {
  // deno-lint-ignore no-explicit-any -- the type above says what the filter does
  return Object.fromEntries(Object.entries(object).filter(([, v]) => v !== undefined)) as any;
}
