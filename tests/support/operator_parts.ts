import type { OperatorParts } from "../../src/operate/operator_context.ts";
import type { LakeWorld } from "./lake_world.ts";

/** What a person's command is given in a world of variables. */
export function operatorParts(
  world: LakeWorld,
  changed: Partial<OperatorParts> = {},
): OperatorParts {
  const { stream: _stream, key: _key, observe: _observe, ...rest } = world.instance().context;
  return { ...rest, owner: "operator", signal: new AbortController().signal, ...changed };
}
