import { errorMessage } from "../../model/errors.ts";
import { parseDurationMs } from "../../support/units.ts";
import { FLEET_SETTINGS, isShared } from "../fleet_settings.ts";
import { withSurroundings } from "../with_app.ts";
import { EXIT, lakeConfigOrExplain, type Verb, type VerbContext } from "../verb.ts";

const TTL_DEFAULT = "3m";
const TTL_MS_MIN = 1000;

/** What a lease of one's own may be called: it becomes part of a key in Redis and of a file's name. */
const KEY_FORM = /^[A-Za-z0-9_%~.:/-]{1,200}$/;

/** `tributary lock hold`. */
export const lockHold: Verb = {
  name: "lock hold",
  summary: "Hold a lease of your own until standard input is closed",
  example: "tributary lock hold --key nightly-report --redis-url redis://cache:6379 " +
    "--destination s3://lake/shop",
  settings: FLEET_SETTINGS,
  options: [
    { flags: "--key <KEY>", description: "the name of the lease" },
    { flags: "--ttl <DURATION>", description: `how long it outlives a crash (${TTL_DEFAULT})` },
    { flags: "--wait", description: "wait until nobody else holds it, instead of ending with 75" },
  ],
  async run(context) {
    const { host, options } = context;
    const choice = readChoice(context);
    if (choice === undefined) return EXIT.usage;
    const loaded = lakeConfigOrExplain(context);
    if (loaded === undefined || !isShared(loaded.config, host)) return EXIT.usage;
    const { key, ttlMs } = choice;
    return await withSurroundings(
      host,
      (around) =>
        around.app.meet(loaded.config, around, async (meeting) => {
          const lease = await meeting.hold(key, { ttlMs, isPatient: options.has("wait") });
          if (lease === undefined) {
            if (around.signal.aborted) throw around.signal.reason;
            host.stderr.write("Another instance is processing, skipping this cycle\n");
            return EXIT.held;
          }
          host.stdout.write("acquired\n");
          await Promise.race([host.stdinEnded(), aborted(lease.signal), aborted(around.signal)]);
          if (!lease.isValid()) {
            const { reason } = lease.signal;
            host.stderr.write(`tributary: ${errorMessage(reason ?? "The lease is over")}\n`);
            return EXIT.failed;
          }
          await lease.release();
          return EXIT.done;
        }),
    );
  },
};

function readChoice({ host, options }: VerbContext): { key: string; ttlMs: number } | undefined {
  const key = options.get("key");
  if (typeof key !== "string" || !KEY_FORM.test(key)) {
    host.stderr.write(
      "tributary: --key is needed: 1 to 200 letters, digits, or . _ - : / % ~ that name the lease\n",
    );
    return undefined;
  }
  const ttl = String(options.get("ttl") ?? TTL_DEFAULT);
  const ttlMs = parseDurationMs(ttl);
  if (ttlMs === undefined || ttlMs < TTL_MS_MIN) {
    host.stderr.write(`tributary: --ttl "${ttl}" must be a duration of 1s or more, as 90s or 3m\n`);
    return undefined;
  }
  return { key, ttlMs };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
