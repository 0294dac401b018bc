import type { Join } from "./compactor.ts";

/** Whoever wants an object that is being made waits for it. */
export function joinOnce(join: Join): Join {
  const underWay = new Map<string, ReturnType<Join>>();
  return (folder, inputs, output) => {
    const key = `${folder}/${output}`;
    const known = underWay.get(key);
    if (known !== undefined) return known;
    const made = join(folder, inputs, output).finally(() => void underWay.delete(key));
    underWay.set(key, made);
    return made;
  };
}
