import { StandInS3 } from "./stand_in_s3.ts";

/** A store that takes every write, whatever its condition, and the settings of a lake in it. */
export async function withCarelessS3(
  use: (env: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  let text: string | undefined;
  await using server = new StandInS3(({ method, body }) => {
    if (method === "PUT") text = new TextDecoder().decode(body);
    return new Response(method === "PUT" ? null : text, { headers: { etag: '"e"' } });
  });
  await withKeys(() =>
    use({
      DESTINATION: "s3://lake/shop",
      S3_ENDPOINT: server.url,
      S3_FORCE_PATH_STYLE: "true",
    })
  );
}

const KEYS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

async function withKeys(use: () => Promise<void>): Promise<void> {
  const before = KEYS.map((name) => Deno.env.get(name));
  for (const name of KEYS) Deno.env.set(name, "test");
  try {
    await use();
  } finally {
    KEYS.forEach((name, i) => {
      if (before[i] === undefined) Deno.env.delete(name);
      else Deno.env.set(name, before[i]!);
    });
  }
}
