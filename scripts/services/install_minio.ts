import type { Binary } from "./binary.ts";
import { goInstall } from "./go_install.ts";

/** MinIO: compiled with Go. */
export const minioBinary: Binary = {
  name: "minio",
  variable: "MINIO_BIN",
  advice: "install Go, or name the program in MINIO_BIN (tests: or a server in TEST_S3_ENDPOINT)",
  install(scratch) {
    console.error("installing MinIO with go install (about two minutes, once)");
    return goInstall(scratch, "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c");
  },
};
