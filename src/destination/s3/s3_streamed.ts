import { TransientError } from "../../model/errors.ts";
import { takeParts } from "../../support/bytes/take_parts.ts";
import {
  beginUpload,
  completeUpload,
  discardUpload,
  type Upload,
  type UploadedPart,
  type UploadOutcome,
  uploadPart,
} from "./s3_multipart.ts";

/** With the part that is being gathered this is all that is held. */
const PARTS_IN_FLIGHT_MAX = 2;

/**
 * Creates an object of chunks that come one after the other, unless there is one with its key. What was read cannot be read again
 * here: where the upload must begin anew, whoever calls does.
 */
export async function putStreamed(
  upload: Upload,
  chunks: AsyncIterable<Uint8Array>,
): Promise<"created" | "exists"> {
  const begun = await beginUpload(upload, !upload.checksums.isLeftOut);
  let outcome: UploadOutcome = "conflict";
  const inFlight: Promise<void>[] = [];
  const parts: UploadedPart[] = [];
  try {
    for await (const part of takeParts(chunks, upload.partBytes)) {
      const number = inFlight.length + 1;
      const sent = uploadPart(upload, begun, number, part)
        .then((uploaded) => void (parts[number - 1] = uploaded));
      sent.catch(() => {}); // Thrown below.
      inFlight.push(sent);
      await inFlight[number - PARTS_IN_FLIGHT_MAX];
    }
    await Promise.all(inFlight);
    outcome = await completeUpload(upload, begun, parts);
  } finally {
    // A part that arrives after its upload was discarded would stay.
    await Promise.allSettled(inFlight);
    if (outcome !== "created") await discardUpload(upload, begun);
  }
  if (outcome !== "conflict") return outcome;
  throw new TransientError(
    `Cannot ${upload.action.text}: another upload of it is under way, or its parts were damaged`,
  );
}
