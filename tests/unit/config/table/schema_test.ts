import assert from "node:assert/strict";
import {
  FLAGS,
  setting,
  SETTING_NAMES,
  VARIABLES,
  YAML_KEYS,
} from "../../../../src/config/table/schema.ts";
import { SECTIONS } from "../../../../src/config/table/setting.ts";

Deno.test("every setting can be written in three ways, a secret also by file", () => {
  const secrets = SETTING_NAMES.filter((name) => setting(name).secret !== undefined);
  assert.deepEqual(secrets, [
    "MONGODB_URI",
    "ICEBERG_TOKEN",
    "ICEBERG_CREDENTIAL",
    "REDIS_URL",
    "HTTP_TOKEN",
  ]);
  for (const map of [VARIABLES, FLAGS, YAML_KEYS]) {
    assert.equal(map.size, SETTING_NAMES.length + secrets.length);
  }
  assert.deepEqual(VARIABLES.get("HTTP_TOKEN_FILE"), { setting: "HTTP_TOKEN", fromFile: true });
  assert.deepEqual(FLAGS.get("http-token-file"), { setting: "HTTP_TOKEN", fromFile: true });
  assert.deepEqual(YAML_KEYS.get("httpToken"), { setting: "HTTP_TOKEN", fromFile: false });
});

Deno.test("setting: each has a section, and a default or a remark about it, or may be left out", () => {
  for (const name of SETTING_NAMES) {
    const { section, description, default: text, defaultNote, kind } = setting(name);
    assert(SECTIONS.includes(section), name);
    assert.match(description, /^[A-Z`1].*\.$/s, name);
    assert(text === undefined || defaultNote === undefined, name);
    assert(kind.allowed.length > 3, name);
  }
});
