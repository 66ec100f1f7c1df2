import { equal } from "node:assert/strict";
import { isPathPattern, pathPattern } from "../../src/notebook/path_pattern.ts";

const TABLE: [pattern: string, matches: string[], not: string[]][] = [
  ["a.ipynb", ["a.ipynb", "x/y/a.ipynb"], ["xa.ipynb", "a.ipynb2", "aXipynb"]],
  ["*.ipynb", ["a.ipynb", "x/.ipynb"], ["a.txt"]],
  ["gallery", ["gallery", "gallery/a.ipynb", "x/gallery/a.ipynb"], ["gallery2/a.ipynb"]],
  ["gallery/", ["gallery/a.ipynb", "x/gallery/a.ipynb"], ["xgallery/a.ipynb"]],
  ["/gallery", ["gallery/x/a.ipynb"], ["x/gallery/a.ipynb"]],
  ["gallery/**", ["gallery/a.ipynb", "gallery/x/a.ipynb"], ["x/gallery/a.ipynb", "gallery2/a"]],
  ["gallery/*.ipynb", ["gallery/a.ipynb"], ["gallery/x/a.ipynb", "x/gallery/a.ipynb"]],
  ["**/gallery/*", ["gallery/a", "x/y/gallery/a"], ["gallery"]],
  ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "xa/b"]],
  ["./a/b", ["a/b"], ["x/a/b"]],
  ["a?.ipynb", ["ab.ipynb", "aé.ipynb", "a😀.ipynb"], ["a/.ipynb", "a.ipynb"]],
  ["[a-c]x", ["bx"], ["dx"]],
  ["[!a]x", ["bx"], ["ax", "/x"]],
  ["[", ["["], ["a"]],
  ["*.{ipynb,md}", ["a.ipynb", "a.md"], ["a.txt"]],
  ["{a", ["{a"], ["a"]],
  ["a+(b).ipynb", ["a+(b).ipynb"], ["aab.ipynb"]],
  ["a\\*b", ["a*b"], ["axb"]],
];

Deno.test("pathPattern matches as .gitignore does", () => {
  for (const [pattern, matches, not] of TABLE) {
    const test = pathPattern(pattern);
    for (const path of matches) equal(test(path), true, `${pattern} should match ${path}`);
    for (const path of not) equal(test(path), false, `${pattern} should not match ${path}`);
  }
});

Deno.test("pathPattern matches the path itself only when exact", () => {
  equal(pathPattern("*.ipynb", { exact: true })("a.ipynb"), true);
  equal(pathPattern("*.ipynb", { exact: true })("x/a.ipynb"), false);
  equal(pathPattern("**/*.ipynb", { exact: true })("x/y/a.ipynb"), true);
  equal(pathPattern("x*", { exact: true })("x/a.ipynb"), false);
});

Deno.test("isPathPattern tells patterns from paths", () => {
  equal(isPathPattern("a/*.ipynb"), true);
  equal(isPathPattern("a/b.ipynb"), false);
});
