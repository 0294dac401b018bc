const MASK = "***";

/** Schemes whose addresses have no user, but may well have an `@` in their path. */
const SCHEMES_WITHOUT_USER = new Set(["s3", "file"]);

/** Keys written into such an address by mistake: `s3://id:secret@bucket`. */
const CREDENTIALS = /:[^\s@]*@/;

/** Parameters of connection strings and signed addresses whose values are secrets. */
const SECRET_PARAMETER =
  /([?&;](?:[a-z0-9_-]*(?:password|passwd|secret|signature|credential|token)|authmechanismproperties)=)[^&\s"'<>]*/gi;

/**
 * The text without the user names and passwords of addresses in it, and without the values of secret query parameters.
 *
 * Everything between `scheme://` and the last `@` before a blank goes: a password with an unescaped `@` or `/` in it is
 * a common mistake, and must not show either.
 */
export function redact(text: string): string {
  return text
    .replace(
      /\b([a-z][a-z0-9+.-]{0,30}):\/\/[^\s"'<>]*@/gi,
      (whole, scheme: string) =>
        SCHEMES_WITHOUT_USER.has(scheme.toLowerCase()) &&
          !CREDENTIALS.test(whole.slice(scheme.length + 3))
          ? whole
          : `${scheme}://${MASK}@`,
    )
    .replace(SECRET_PARAMETER, `$1${MASK}`);
}

/**
 * As `redact`, with each of `secrets` replaced too, wherever it stands. An empty secret, which would stand everywhere,
 * is none.
 */
export function redactAll(text: string, secrets: readonly string[]): string {
  let out = redact(text);
  for (const secret of secrets) if (secret !== "") out = out.replaceAll(secret, MASK);
  return out;
}
