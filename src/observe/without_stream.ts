/** A reason without what differs from stream to stream, names and numbers: what is left tells faults apart. */
export function withoutStream(reason: string, stream: string): string {
  const bare = stream.replace(/^\w+:/, "").replace(/ \d+\/\d+$/, "");
  const named = reason.replaceAll(stream, "");
  return (bare === "" ? named : named.replaceAll(bare, "")).replace(/\d+/g, "0");
}
