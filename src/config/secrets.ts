import type { LakeConfig } from "./config.ts";

/** The texts that must never show: passwords out of addresses, plain and decoded, and tokens. */
export function secretsOf(config: LakeConfig): string[] {
  const secrets = new Set<string>();
  if (config.http?.token !== undefined) secrets.add(config.http.token);
  const { login } = config.iceberg ?? {};
  if (login?.kind === "token") secrets.add(login.token);
  if (login?.kind === "oauth2") secrets.add(login.clientSecret);
  for (const uri of [config.mongodbUri ?? "", config.redis?.url ?? ""]) {
    const password = /^[^:]+:\/\/[^:]*:(.*)@/.exec(uri)?.[1];
    if (password === undefined) continue;
    secrets.add(password);
    secrets.add(decoded(password));
  }
  // A short one stands in too many innocent words; the address it is in is masked as a whole.
  return [...secrets].filter((secret) => secret.length >= SECRET_LENGTH_MIN);
}

const SECRET_LENGTH_MIN = 6;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded after all: the text itself is the password.
    return text;
  }
}
