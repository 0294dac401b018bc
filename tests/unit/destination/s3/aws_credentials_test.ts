import assert from "node:assert/strict";
import { awsCredentials } from "../../../../src/destination/s3/aws_credentials.ts";

const VARIABLES = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

Deno.test("awsCredentials finds those of the environment, each time anew", async () => {
  const before = VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const id of ["KEY1", "KEY2"]) {
      Deno.env.set("AWS_ACCESS_KEY_ID", id);
      Deno.env.set("AWS_SECRET_ACCESS_KEY", "hush-hush");
      assert.equal((await awsCredentials()()).accessKeyId, id);
    }
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
});
