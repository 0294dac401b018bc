/** Faults of a file system that stay until a person does something. */
const LASTING_CODES = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "EEXIST", "ENAMETOOLONG"];

/** Whether a failed call to the file system will fail again until a person changes something. */
export function isLastingFileFault(error: unknown): boolean {
  const denied = error instanceof Error && ["NotCapable", "PermissionDenied"].includes(error.name);
  return denied || LASTING_CODES.includes(fileFaultCode(error) ?? "");
}

/** The name of the errno, `ENOENT`; undefined where there is none, as for what the runtime itself refuses. */
export function fileFaultCode(error: unknown): string | undefined {
  return (error as { code?: string } | null | undefined)?.code;
}
