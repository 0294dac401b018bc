import assert from "node:assert/strict";
import { positionAfterToken } from "../../../../src/model/position.ts";
import { Suspicion } from "../../../../src/pipeline/batch/poison_search.ts";
import { sketchToken } from "../../../support/event_factory.ts";

const at = (i: number) => positionAfterToken(sketchToken({ t: 10, i }));

Deno.test("Suspicion shrinks the batches before the end of the one that crashed, and no others", () => {
  const suspicion = new Suspicion();
  assert.equal(suspicion.rowsMax(at(1)), Number.MAX_SAFE_INTEGER);
  suspicion.crashed({ to: at(101), rows: 100, firstToken: at(2).data });
  assert.equal(suspicion.rowsMax(at(1)), 12);
  assert.equal(suspicion.rowsMax(at(100)), 12);
  assert.equal(suspicion.rowsMax(at(101)), Number.MAX_SAFE_INTEGER);
  suspicion.crashed({ to: at(101), rows: 17, firstToken: at(85).data });
  assert.equal(suspicion.rowsMax(at(84)), 2);
});

Deno.test("Suspicion sets an event aside once it has crashed all by itself", () => {
  const suspicion = new Suspicion();
  suspicion.crashed({ to: at(3), rows: 2, firstToken: at(2).data });
  assert.equal(suspicion.setAside.size, 0);
  suspicion.crashed({ to: at(2), rows: 1, firstToken: at(2).data });
  assert.deepEqual([...suspicion.setAside.keys()], [at(2).data]);
  assert.equal(suspicion.rowsMax(at(1)), 1);
});

Deno.test("Suspicion ends when everything up to the crash is stored", () => {
  const suspicion = new Suspicion();
  suspicion.crashed({ to: at(5), rows: 1, firstToken: at(5).data });
  suspicion.passed(at(4));
  assert.equal(suspicion.setAside.size, 1);
  suspicion.passed(at(5));
  assert.equal(suspicion.setAside.size, 0);
  assert.equal(suspicion.rowsMax(at(1)), Number.MAX_SAFE_INTEGER);
});
