import type { NamespaceName } from "../pipeline/namespaces.ts";
import type { OpenRequest } from "../pipeline/ports.ts";
import type { GroupRequest } from "./shared/group_source.ts";

/** What a change stream is opened for. */
export interface ChangeStreamRequest extends OpenRequest {
  /** The collections that are read by a change stream of their database or of the deployment: no events but theirs. */
  readonly members?: readonly NamespaceName[];
}

/** The change stream of a group. */
export function groupStream(request: GroupRequest): ChangeStreamRequest {
  const { database, names, from, settings, unfiltered = false } = request;
  return {
    stream: database === undefined ? { level: "deployment" } : { level: "database", database },
    ...(unfiltered ? {} : { members: names }),
    from,
    settings: { ...settings, namespaces: { include: [], exclude: [] } },
    images: "as-set",
    live: true,
  };
}
