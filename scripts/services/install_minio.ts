import { join } from "node:path";
import { type Binary, cacheFolder } from "./binary.ts";
import { runCommand } from "./run_command.ts";

const MODULE = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c";

/** MinIO: compiled with Go. */
export const minioBinary: Binary = {
  name: "minio",
  variable: "MINIO_BIN",
  advice: "install Go, or name the program in MINIO_BIN (tests: or a server in TEST_S3_ENDPOINT)",
  async install(scratch) {
    console.error("installing MinIO with go install (about two minutes, once)");
    const env = { ...await homeless(), GOBIN: scratch };
    await runCommand("go", ["install", "-modcacherw", MODULE], { env });
    return { move: join(scratch, "minio") };
  },
};

/** Go wants to know where its caches are; without a home it does not. */
async function homeless(): Promise<Record<string, string>> {
  const folders = await runCommand("go", ["env", "GOPATH", "GOCACHE"]).catch(() => "");
  if (/^\/.+\n\/.+$/.test(folders)) return {};
  return { GOPATH: join(cacheFolder(), "go"), GOCACHE: join(cacheFolder(), "go-build") };
}
