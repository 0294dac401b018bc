import assert from "node:assert/strict";
import { PermanentError } from "../../../../src/model/errors.ts";
import {
  describeRedis,
  parseRedisUrl,
  REDIS_URL_START,
  type RedisAddress,
  redisUrlFault,
} from "../../../../src/model/address/redis_url.ts";

const FORMS: [url: string, address: RedisAddress, shown: string][] = [
  [
    "redis://cache",
    { topology: "standalone", nodes: [{ host: "cache", port: 6379 }], tls: false, db: 0 },
    "redis://cache:6379",
  ],
  [
    "rediss://ann:p%40s%3As@10.0.0.1:7000/3",
    {
      topology: "standalone",
      nodes: [{ host: "10.0.0.1", port: 7000 }],
      tls: true,
      db: 3,
      username: "ann",
      password: "p@s:s",
    },
    "rediss://10.0.0.1:7000",
  ],
  [
    "redis://:a:b@[::1]:6380/",
    {
      topology: "standalone",
      nodes: [{ host: "::1", port: 6380 }],
      tls: false,
      db: 0,
      password: "a:b",
    },
    "redis://[::1]:6380",
  ],
  [
    "redis+sentinel://:pw@h1,h2:5000/main/2?sentinelUsername=s&sentinelPassword=t%26u",
    {
      topology: "sentinel",
      nodes: [{ host: "h1", port: 26379 }, { host: "h2", port: 5000 }],
      tls: false,
      db: 2,
      password: "pw",
      master: "main",
      sentinelUsername: "s",
      sentinelPassword: "t&u",
    },
    "redis+sentinel://h1:26379,h2:5000/main",
  ],
  [
    "rediss+sentinel://h1/main",
    {
      topology: "sentinel",
      nodes: [{ host: "h1", port: 26379 }],
      tls: true,
      db: 0,
      master: "main",
    },
    "rediss+sentinel://h1:26379/main",
  ],
  [
    "rediss+cluster://ann:pw@h1:1,h2:2",
    {
      topology: "cluster",
      nodes: [{ host: "h1", port: 1 }, { host: "h2", port: 2 }],
      tls: true,
      db: 0,
      username: "ann",
      password: "pw",
    },
    "rediss+cluster://h1:1,h2:2",
  ],
];

Deno.test("parseRedisUrl reads each form, and describeRedis shows it without its secrets", () => {
  for (const [url, address, shown] of FORMS) {
    assert.deepEqual(parseRedisUrl(url), address);
    assert.equal(redisUrlFault(url), undefined);
    assert.match(url, REDIS_URL_START);
    assert.equal(describeRedis(address), shown);
  }
});

Deno.test("parseRedisUrl says what is wrong and never shows the URL", () => {
  const cases: [string, RegExp][] = [
    ["", /must look like/],
    ["http://:hunter2@h", /must look like/],
    ["redis://:hunter2@", /must look like/],
    ["redis://:hunt@hunter2@h", /must look like/],
    ["redis://:hunt/hunter2@h", /must look like/],
    ["redis+pool://:hunter2@h", /must look like/],
    ["redis://hunter2@h", /user but no password/],
    ["redis://ann:@h", /password is empty/],
    ["redis://:hunter2%zz@h", /its password is not percent-encoded/],
    ["redis://:hunter2@h:0", /a port from 1 to 65535/],
    ["redis://:hunter2@h:99999", /a port from 1 to 65535/],
    ["redis://:hunter2@a b", /form name:port/],
    ["redis://:hunter2@h1,h2", /has 2 hosts/],
    ["redis://:hunter2@h/x", /not a database number/],
    ["redis://:hunter2@h/0/1", /not a database number/],
    ["redis+sentinel://:hunter2@h", /master's name is missing/],
    ["redis+cluster://:hunter2@h/1", /no database but 0/],
    ["redis://:hunter2@h?family=6", /"family" is not known/],
  ];
  for (const [url, message] of cases) {
    assert.throws(() => parseRedisUrl(url), (error) => {
      assert(error instanceof PermanentError, url);
      assert.match(error.message, message);
      assert(!error.message.includes("hunter2"), error.message);
      return true;
    });
  }
});
