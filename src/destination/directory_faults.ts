import { PermanentError, TransientError } from "../model/errors.ts";

/** What of a file system's error is looked at. `code` is the name of the errno; absent for refusals by Deno itself. */
interface FileFault {
  readonly name?: string;
  readonly code?: string;
}

/** Why no later try can succeed until a person changes something, by errno, with what to do. */
const PERMANENT: Readonly<Record<string, string>> = {
  EACCES: "the file system denies it: give the program's user the right to write there",
  EROFS: "the file system is mounted read-only",
  ENAMETOOLONG: "the file system does not take so long a name",
  EEXIST: "a part of the path that must be a folder is a file",
  ENOTDIR: "a part of the path that must be a folder is a file",
  EISDIR: "a folder has that name",
  EXDEV: "the folder lies in another file system than _tributary/tmp: mount the whole lake as one",
};

/** What passes when somebody does something about it, by errno, with what to do; it is tried again all the same. */
const PASSING: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: make room on it",
  EDQUOT: "the quota is used up: raise it or make room",
  ESTALE: "the mount is stale: mount it again",
  ENOTCONN: "the mount has lost its server: mount it again",
  EIO: "the disk or the mount fails (input/output error)",
};

/** What `link` answers on file systems that have no hard links (FAT, exFAT, some network and FUSE mounts). */
const NO_HARD_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** The answers of a file system that mean "there is no such object". */
export function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ENAMETOOLONG", "EISDIR"].includes(codeOf(error));
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

export function alreadyExists(error: unknown): boolean {
  return codeOf(error) === "EEXIST";
}

/** The destination's error for a failed call; `action` completes "Cannot ...". */
export function directoryError(action: string, error: unknown): PermanentError | TransientError {
  if (error instanceof PermanentError || error instanceof TransientError) return error;
  const fault = error as FileFault;
  if (fault?.name === "NotCapable") {
    const advice = "the program was started without --allow-read and --allow-write for it";
    return new PermanentError(`Cannot ${action}: ${advice}`, { cause: error });
  }
  const reason = PERMANENT[codeOf(error)];
  if (reason !== undefined) {
    return new PermanentError(`Cannot ${action}: ${reason}`, { cause: error });
  }
  const passing = PASSING[codeOf(error)] ?? messageOf(error);
  return new TransientError(`Cannot ${action}: ${passing}`, { cause: error });
}

/** As `directoryError`, for a failed `link`. */
export function linkError(action: string, error: unknown): PermanentError | TransientError {
  if (!NO_HARD_LINKS.includes(codeOf(error))) return directoryError(action, error);
  const reason = "the file system has no hard links, without which no object can be created safely";
  return new PermanentError(`Cannot ${action}: ${reason}; use another one`, { cause: error });
}

function codeOf(error: unknown): string {
  return (error as FileFault | null)?.code ?? "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
