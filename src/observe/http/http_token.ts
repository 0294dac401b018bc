import { createHash, timingSafeEqual } from "node:crypto";

/**
 * Whether a request carries the token: as `Authorization: Bearer TOKEN`, or as the password of Basic with any user, which
 * is what a browser asks a person for. Takes the same time for every wrong token.
 */
export function carriesToken(headers: Headers, token: string): boolean {
  const given = tokenOf(headers.get("authorization") ?? "");
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

/**
 * Whether a request that changes something comes from our own page or from a program. A browser that has the token sends
 * it along with other pages' requests too, but says whose they are.
 */
export function isOwnRequest(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") return false;
  const origin = request.headers.get("origin");
  return origin === null || hostOf(origin) === request.headers.get("host");
}

function tokenOf(authorization: string): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  if (basic === undefined) return undefined;
  const pair = decodeBase64(basic);
  const colon = pair.indexOf(":");
  return colon < 0 ? undefined : pair.slice(colon + 1);
}

/** Nothing for what is no base64. */
function decodeBase64(text: string): string {
  try {
    return atob(text);
  } catch {
    return "";
  }
}

/** Of one length whatever was given, as the comparison needs it. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
