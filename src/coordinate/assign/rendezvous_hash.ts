/**
 * How much a stream belongs to an instance, for rendezvous hashing: 32 bits that every instance computes alike. FNV-1a
 * over the UTF-16 units, then the finalizer of MurmurHash3, without which neighbouring names get neighbouring scores.
 */
export function score(stream: string, owner: string): number {
  let hash = 0x811c9dc5;
  for (const text of [owner, "\n", stream]) {
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
