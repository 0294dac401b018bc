import { findBinary } from "./binary.ts";
import { minioBinary } from "./install_minio.ts";
import { type Server, startServer } from "./server_process.ts";

/** The credentials and region of every MinIO started here. */
export const MINIO_ACCESS_KEY = "tributary";
export const MINIO_SECRET_KEY = "tributary-secret";
export const MINIO_REGION = "us-east-1";

/** Starts a MinIO, an S3 server to be addressed in path style, and waits until it serves. */
export async function startMinio(): Promise<Server> {
  return await startServer({
    name: "minio",
    binary: await findBinary(minioBinary),
    args: (port, folder) => ["server", `${folder}/data`, "--address", `127.0.0.1:${port}`],
    env: {
      MINIO_ROOT_USER: MINIO_ACCESS_KEY,
      MINIO_ROOT_PASSWORD: MINIO_SECRET_KEY,
      MINIO_BROWSER: "off",
      MINIO_UPDATE: "off",
    },
    url: (port) => `http://127.0.0.1:${port}`,
    isReady: isHealthy,
  });
}

async function isHealthy(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/minio/health/cluster`);
  await response.body?.cancel();
  return response.ok;
}
