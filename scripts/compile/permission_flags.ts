/** A permission in deno.json: anything, or a list of what is allowed. */
type Permission = boolean | readonly string[];

/** The only permissions the executable may ever be given; `run`, `ffi` and `import` are not among them. */
const ALLOWED = ["net", "env", "read", "write", "sys"];

/**
 * The permission set `executable` of deno.json as flags for `deno run` and `deno compile`, also of versions that know no
 * permission sets.
 *
 * @param hosts takes the place of the set's network permission.
 */
export async function permissionFlags(
  configFile: string,
  hosts?: readonly string[],
): Promise<string[]> {
  const config = JSON.parse(await Deno.readTextFile(configFile));
  const set: Record<string, Permission> = { ...config.permissions.executable };
  if (hosts !== undefined) set["net"] = hosts;
  return Object.entries(set).flatMap(([name, permission]) => {
    if (!ALLOWED.includes(name)) throw new Error(`The executable must not have "${name}"`);
    if (permission === false) return [];
    if (permission === true) return [`--allow-${name}`];
    if (permission.length === 0) throw new Error(`An empty list for "${name}" would allow all`);
    return [`--allow-${name}=${permission.join(",")}`];
  });
}
