import assert from "node:assert/strict";
import type { IcebergLogin } from "../../../../../src/model/address/iceberg_settings.ts";
import { systemRandom } from "../../../../../src/support/random.ts";
import { systemClock } from "../../../../../src/support/clock.ts";
import { openRestCatalog } from "../../../../../src/table/iceberg/rest/open_rest_catalog.ts";
import { startFakeCatalog } from "../../../../support/fake_iceberg_catalog.ts";

const LOGINS: readonly [IcebergLogin, RegExp | null][] = [
  [{ kind: "none" }, null],
  [{ kind: "token", token: "of-somebody" }, /^Bearer of-somebody$/],
  [
    { kind: "sigv4", service: "s3tables", region: "eu-central-1" },
    /^AWS4-HMAC-SHA256 Credential=KEY\/\d+\/eu-central-1\/s3tables\//,
  ],
];

for (const [login, wanted] of LOGINS) {
  Deno.test(`the login "${login.kind}" is what requests carry`, async () => {
    const seen: (string | null)[] = [];
    await using server = startFakeCatalog({
      fault({ headers }) {
        seen.push(headers.get("authorization"));
        return undefined;
      },
    });
    await open(server.url, login).open();
    if (wanted === null) assert.deepEqual(seen, [null]);
    else assert.match(seen[0]!, wanted);
  });
}

Deno.test('the login "oauth2" asks the catalog for tokens, or whom it is told to', async () => {
  const paths: string[] = [];
  await using server = startFakeCatalog({
    fault({ path }) {
      paths.push(path);
      return path === "/v1/config" ? undefined : { status: 401 };
    },
  });
  const login = {
    kind: "oauth2",
    clientId: "a",
    clientSecret: "bbbbbb",
    scope: "catalog",
  } as const;
  await assert.rejects(open(server.url, login).open(), /Cannot get a token/);
  const elsewhere = { ...login, serverUrl: `${server.url}/realms/lake/token` };
  await assert.rejects(open(server.url, elsewhere).open(), /Cannot get a token/);
  assert.deepEqual(paths, ["/v1/oauth/tokens", "/realms/lake/token"]);
});

function open(url: string, login: IcebergLogin) {
  return openRestCatalog({ url, namespace: "{db}", login }, {
    ...{ clock: systemClock, random: systemRandom, signal: new AbortController().signal },
    awsCredentials: () => () => Promise.resolve({ accessKeyId: "KEY", secretAccessKey: "hush" }),
  });
}
