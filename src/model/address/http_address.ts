/** Where the HTTP server listens. */
export interface ListenAddress {
  /** A name, or an IP address without brackets; empty: all interfaces. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** The form of `host:port`, `[::1]:port` and `:port`, whatever the number of the port. */
export const HTTP_ADDRESS_FORM = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]*)):(\d{1,5})$/;

export const PORT_MAX = 65_535;

/** Reads `host:port`; undefined for other texts and for ports that there are not. */
export function parseHttpAddress(text: string): ListenAddress | undefined {
  const match = HTTP_ADDRESS_FORM.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  return port > PORT_MAX ? undefined : { host: match[1] ?? match[2]!, port };
}

/** A host as it stands in front of `:port`: IPv6 addresses have brackets. */
export function hostInUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Whether a server on this host listens on all interfaces, so that no client can ask for it by this name. */
export function isEveryInterface(host: string): boolean {
  return ["", "0.0.0.0", "::"].includes(host);
}

/** Whether a machine reaches itself under this name, written with brackets or without. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}
