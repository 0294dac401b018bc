import type { Mutation } from "./mutation.ts";

/** Ways to break what tells objects of different records apart. */
export const KEY_MUTATIONS: readonly Mutation[] = [
  {
    name: "name objects without their record's id",
    file: "src/pipeline/record/object_key.ts",
    from: "-${shortId(recordId)}-",
    to: "-${shortId('00000000')}-",
  },
  {
    name: "take what is there for what was made",
    file: "src/pipeline/record/stored_object.ts",
    from: "  if (stored === undefined || stored.bytes !== known.bytes) return false;\n  return ",
    to: "  if (stored === undefined) return false;\n  return true || ",
    also: [{
      file: "src/pipeline/record/object_key.ts",
      from: "-${shortId(recordId)}-",
      to: "-${shortId('00000000')}-",
    }],
  },
];
