import { createObjectSink } from "../../src/sink/object_sink.ts";
import { DESTINATION_KINDS } from "./destination_kinds.ts";
import { sinkContract } from "./sink_contract.ts";

for (const { name, open } of DESTINATION_KINDS) {
  sinkContract({
    name: `objects in ${name}`,
    async open() {
      const { destination, release } = await open();
      return {
        sink: createObjectSink(destination),
        async release() {
          await destination.close();
          await release();
        },
      };
    },
  });
}
