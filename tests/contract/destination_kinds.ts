import { openDestination } from "../../src/destination/destinations.ts";
import { DEFAULT_RETRY, type OpenDestination } from "../../src/destination/open_destination.ts";
import { systemClock } from "../../src/support/clock.ts";
import { systemRandom } from "../../src/support/random.ts";
import { ensureBucket, s3TestOptions } from "../support/s3_bucket.ts";
import { uniqueName } from "../support/services.ts";

/** A kind of store under test. Each call opens an empty place of its own, closed after the test. */
export interface DestinationKind {
  readonly name: string;
  open(): Promise<{ destination: OpenDestination; release(): Promise<void> }>;
}

const tools = { clock: systemClock, random: systemRandom };
const BUCKET = "destination-contract";

/** Every store that a lake's own files and objects can lie in. */
export const DESTINATION_KINDS: readonly DestinationKind[] = [
  {
    name: "memory",
    async open() {
      return { destination: await open("memory:"), release: () => Promise.resolve() };
    },
  },

  {
    name: "directory",
    async open() {
      const directory = await Deno.makeTempDir();
      return {
        // A folder that is not there yet, with a name that a URL must escape.
        destination: await open(`file://${directory}/new%20lake/sub`),
        release: () => Deno.remove(directory, { recursive: true }),
      };
    },
  },

  {
    name: "s3",
    async open() {
      await ensureBucket(BUCKET);
      const destination = await open(`s3://${BUCKET}/${uniqueName("a prefix")}/`);
      return { destination, release: () => Promise.resolve() };
    },
  },
];

function open(url: string): Promise<OpenDestination> {
  const s3 = url.startsWith("s3:") ? { s3: s3TestOptions() } : {};
  return openDestination(url, { retry: DEFAULT_RETRY, ...s3 }, tools);
}
