// The least that tributary needs, for MONGODB_DATABASE=shop. As an administrator:
//
//     mongosh "mongodb://admin@mongo1/?replicaSet=rs0" deploy/mongodb/role.js
//
// and then the user, whose password mongosh asks for:
//
//     db.getSiblingDB("admin").createUser({ user: "tributary", pwd: passwordPrompt(), roles: ["tributary"] })
//
// For the whole deployment the first resource is { db: "", collection: "" }; for single collections it is one entry
// for each, { db: "shop", collection: "orders" }, without listCollections. Then MongoDB reads its oplog once for each of them.
db.getSiblingDB("admin").createRole({
  role: "tributary",
  privileges: [
    // Reads the change stream and looks documents up; lists collections where MONGODB_COLLECTIONS holds a `*`.
    {
      resource: { db: "shop", collection: "" },
      actions: ["changeStream", "find", "listCollections"],
    },
    // Optional: how far back the oplog reaches, for lag warnings, START_FROM=earliest and exact words about lost history.
    { resource: { db: "local", collection: "oplog.rs" }, actions: ["find"] },
    // Optional: the replica set's id, by which a restored or exchanged server is told from the one before.
    { resource: { cluster: true }, actions: ["replSetGetConfig"] },
    // Optional, on a sharded cluster: the same for the cluster.
    { resource: { db: "config", collection: "version" }, actions: ["find"] },
  ],
  roles: [],
});
