/** The hosts of a connection string, for people: `db1:27017,db2:27017`, without user and password. */
export function mongodbHosts(uri: string): string {
  return /^[^:]+:\/\/(?:[^/]*@)?([^/?]*)/.exec(uri)?.[1] ?? "";
}
