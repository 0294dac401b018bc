/** Seeds that have found something once, by what they found. They stay worth running, whatever they find today. */
export const FOUND: readonly { readonly seed: number; readonly what: string }[] = [
  { seed: 569, what: "a gap that reaches beyond the barrier makes a stream turn for ever" },
  { seed: 659, what: "an unreadable event beyond the barrier makes a stream turn for ever" },
  { seed: 11754, what: "a redo gives up objects because the server is behind for a while" },
  { seed: 12267, what: "a server that is behind fixes a barrier before the one stream there is" },
  { seed: 30787, what: "streams that begin at the moment of a drop go back to its invalidate" },
  {
    seed: 125436671,
    what: "a put fails while the next batch is looked at, and the stream waits for ever",
  },
  {
    seed: 541017766,
    what: "a release that is late ends a later lease of the same generation",
  },
  { seed: 4, what: "on a copy of a lake objects of other records count as stored" },
  { seed: 20, what: "two that want other events take turns at one journal" },
  { seed: 1, what: "a stream that was moved beyond its barrier never ends" },
  { seed: 40, what: "targets that are retired together end at different places" },
  { seed: 182, what: "a retirement whose end was asked for before it was intended" },
  { seed: 95, what: "a group reads on for a member that was closed before it has joined" },
  {
    seed: 336,
    what: "a member wakes and takes a stream, and what it said before it slept is held against it",
  },
  { seed: 200, what: "the start of a new collection that the store refused to write is forgotten" },
  {
    seed: 1325,
    what: "an old list shows a version that was never seen, and a dead member lives for ever",
  },
  { seed: 110, what: "a group forgets who comes while all others are refused" },
  { seed: 26, what: "new settings are noted in a range of a snapshot that is closed" },
  {
    seed: 1218,
    what: "what was begun whole says once more that it is there, and partitions have begun",
  },
  {
    seed: 5163,
    what: "a wall clock that is set forward makes others look silent, and two hold one stream",
  },
  {
    seed: 442,
    what: "a server that is behind fixes a barrier before the end of another partition",
  },
  { seed: 12641, what: "one ends what another snapshot covers while another copy plans it" },
  {
    seed: 12744,
    what:
      "what was paused is taken by one that wants other events, before the first has seen that it goes on",
  },
  {
    seed: 228,
    what:
      "nobody goes on with the snapshot of a collection that was retired before it was complete",
  },
  { seed: 1854, what: "nobody reads what no collection had that the stream of a database follows" },
];
