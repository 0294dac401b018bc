import process from "node:process";
import { defaultProvider } from "@aws-sdk/credential-provider-node";

/** AWS credentials out of all sources that the SDK knows, asked anew; what is returned asks again before they end. */
export function awsCredentials(): ReturnType<typeof defaultProvider> {
  // Signing calls what some runtimes deprecate, and their warning would stand among our log lines.
  Object.assign(process, { noDeprecation: true });
  return defaultProvider({ ignoreCache: true });
}
