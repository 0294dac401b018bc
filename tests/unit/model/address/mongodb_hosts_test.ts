import assert from "node:assert/strict";
import { mongodbHosts } from "../../../../src/model/address/mongodb_hosts.ts";

Deno.test("mongodbHosts names the hosts alone, never user or password", () => {
  const hosts = {
    "mongodb://db1": "db1",
    "mongodb://me:p%40ss@db1:27017,db2:27018/shop?replicaSet=rs0": "db1:27017,db2:27018",
    "mongodb://me:p@ss@[::1]:27017/?a=b@c": "[::1]:27017",
    "mongodb+srv://me:pass@cluster.example.com?a=b": "cluster.example.com",
    "none": "",
  };
  for (const [uri, expected] of Object.entries(hosts)) assert.equal(mongodbHosts(uri), expected);
});
