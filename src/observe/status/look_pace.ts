/** So many streams are looked at each time that rates are sampled; of more each look costs, and it is made more seldom. */
const STREAMS_A_SAMPLE = 250;
const SAMPLES_A_LOOK_MAX = 4;

/** After how many samples so many streams are looked at again. */
export function samplesALook(streams: number): number {
  return Math.min(SAMPLES_A_LOOK_MAX, Math.max(1, Math.ceil(streams / STREAMS_A_SAMPLE)));
}
