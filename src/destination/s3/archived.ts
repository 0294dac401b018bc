const OWN_FILES = new RegExp(
  "^_tributary/|/_delta_log/|/metadata/" +
    "(.+\\.metadata\\.json|version-hint\\.text|\\d{10}-[0-9a-f-]{36}(-m\\d+)?\\.avro)$",
);

/** Journals are read at each start, logs of tables by each query: they must never lie in an archive. */
export function mayBeArchived(key: string): boolean {
  return !OWN_FILES.test(key);
}
