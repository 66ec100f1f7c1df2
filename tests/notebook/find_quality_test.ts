import assert from "node:assert/strict";
import { score } from "../kit/planted/score.ts";

Deno.test("findTokens() finds what is planted in every place and spelling, and flags next to nothing else", () => {
  const { tiers, harmless, flagged, echoed } = score(20260, 4);
  for (const { tier, files, found, missed } of tiers) {
    assert.ok(found === files, `${tier}: ${found} of ${files}, missed ${missed.join("; ")}`);
  }
  assert.ok(flagged.length <= 0.01 * harmless, `${flagged.length} of ${harmless}: ${flagged}`);
  assert.deepEqual(echoed, []);
});
