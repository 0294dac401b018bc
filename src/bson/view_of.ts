let lastSource = new Uint8Array(0) as Uint8Array;
let lastView = new DataView(lastSource.buffer);

/** A view of the same memory. The last one is kept: events are read from one buffer many times in a row. */
export function viewOf(source: Uint8Array): DataView {
  if (source !== lastSource) {
    lastSource = source;
    lastView = new DataView(source.buffer, source.byteOffset, source.byteLength);
  }
  return lastView;
}
