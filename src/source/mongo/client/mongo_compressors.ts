import * as zlib from "node:zlib";

/** A URI whose compressors all work here, and those that were taken out. */
export interface UsableUri {
  readonly uri: string;
  readonly withoutCompressors: readonly string[];
}

/** The driver knows it and does it with a package for one machine, which an executable does not carry. */
const WITH_A_PACKAGE = ["snappy", ...("zstdCompress" in zlib ? [] : ["zstd"])];

/**
 * Takes out of `compressors=snappy,zstd,zlib` what would let the connection fail. The server agrees to those that remain,
 * or to none: it is slower then and says the same. Names that nobody knows stay, and the driver refuses them.
 */
export function withUsableCompressors(uri: string): UsableUri {
  const taken: string[] = [];
  const usable = uri.replace(/([?&])compressors=([^&#]*)/gi, (_, mark: string, list: string) => {
    const names = list.replace(/%2C/gi, ",").split(",").filter((name) => name !== "");
    const isUsable = (name: string) => !WITH_A_PACKAGE.includes(name.toLowerCase());
    taken.push(...names.filter((name) => !isUsable(name)));
    return `${mark}compressors=${names.filter(isUsable).join(",") || "none"}`;
  });
  return { uri: taken.length === 0 ? uri : usable, withoutCompressors: [...new Set(taken)] };
}
