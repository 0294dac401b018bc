import { arrayOf, objectOf, oneOf, text, wholeNumber } from "../support/json_shape.ts";
import type { Member } from "./members.ts";

const FIELDS = {
  owner: text(),
  instance: text(),
  version: text(),
  recordVersion: wholeNumber(1),
  address: text(),
  since: text(),
  streams: arrayOf(text()),
  failed: wholeNumber(0),
  isLeaving: oneOf(true, false),
  selection: text(),
  selectedAt: text(),
  paused: arrayOf(text()),
  waits: text(),
};

const MEMBER = objectOf<Member>(
  FIELDS,
  ["address", "recordVersion", "selection", "selectedAt", "paused", "waits"],
);

/** The member that a text says; undefined if it says none. Fields of a newer version are left out. */
export function readMember(json: string): Member | undefined {
  try {
    const given = Object.entries(JSON.parse(json) ?? {});
    return MEMBER(Object.fromEntries(given.filter(([name]) => Object.hasOwn(FIELDS, name))), "");
  } catch {
    // Something that no version of ours has written: not a member.
    return undefined;
  }
}
