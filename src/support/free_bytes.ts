/**
 * Gives the memory of these bytes back at once; their array is empty afterwards. Nobody else may use the buffer.
 *
 * The collector is late with large buffers: their bytes lie outside of V8's heap, and one that has lived through two
 * clearings of the young generation is only looked at when another 64 MB have come.
 */
export function freeBytes(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.transfer(0);
}
