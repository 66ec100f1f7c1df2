import assert from "node:assert/strict";
import {
  findPlaceholder,
  nextPlaceholder,
  replacePlaceholder,
} from "../../src/door/placeholder.ts";

Deno.test("nextPlaceholder() never hands out the same one twice", () => {
  const some = Array.from({ length: 5 }, nextPlaceholder);
  assert.equal(new Set(some).size, 5);
  for (const each of some) assert.match(each, /^hf_kept_by_hushbook(_[2-9]|_[1-9][0-9]+)?$/);
});

Deno.test("findPlaceholder() finds whole placeholders only", () => {
  assert.equal(findPlaceholder("Bearer hf_kept_by_hushbook"), "hf_kept_by_hushbook");
  assert.equal(findPlaceholder("Key hf_kept_by_hushbook_21"), "hf_kept_by_hushbook_21");
  assert.equal(findPlaceholder("hf_kept_by_hushbooks"), undefined);
  assert.equal(findPlaceholder("xhf_kept_by_hushbook"), undefined);
  assert.equal(findPlaceholder("hf_kept"), undefined);
});

Deno.test("replacePlaceholder() leaves another connection's placeholder alone", () => {
  const text = "a hf_kept_by_hushbook b hf_kept_by_hushbook_2 c hf_kept_by_hushbook";
  assert.equal(
    replacePlaceholder(text, "hf_kept_by_hushbook", "$&x"),
    "a $&x b hf_kept_by_hushbook_2 c $&x",
  );
});
