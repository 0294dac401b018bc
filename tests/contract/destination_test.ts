import { destinationContract } from "./destination_contract.ts";
import { DESTINATION_KINDS } from "./destination_kinds.ts";

for (const kind of DESTINATION_KINDS) destinationContract(kind);
