/** Whole-text decoders, written without a look at the ones they check: plain, slow, one after another. */
const DECODERS: readonly ((text: string) => string)[] = [
  (text) =>
    text.replace(
      /\\+u\{([0-9a-f]{1,6})\}|\\+u([0-9a-f]{4})|\\+x([0-9a-f]{2})|\\+([0-3][0-7]{2})/gi,
      (_, a, b, c, d) =>
        String.fromCharCode(d === undefined ? parseInt(a ?? b ?? c, 16) : parseInt(d, 8)),
    ),
  (text) =>
    text.replace(
      /\\+(["'`nrt/])/g,
      (_, char) => ({ n: "\n", r: "\r", t: "\t" } as Record<string, string>)[char] ?? char,
    ),
  (text) =>
    text.replace(
      /(?:%[0-9a-f]{2})+/gi,
      (run) =>
        new TextDecoder().decode(
          Uint8Array.from(run.match(/[^%]{2}/g)!, (hex) => parseInt(hex, 16)),
        ),
    ),
  (text) =>
    text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code)).replace(
      /&#x([0-9a-f]+);/gi,
      (_, code) => String.fromCharCode(parseInt(code, 16)),
    ),
  (text) =>
    text.replace(
      /&(amp|lt|gt|quot);/g,
      (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"' } as Record<string, string>)[name]!,
    ),
  (text) => text.replace(new RegExp("\u001b\\[[0-9;]*m", "g"), ""),
  (text) => text.replace(/<\/?[a-z][^<>]*>/gi, ""),
  (text) => text.replace(/[\u200b\u200c\u200d\u2060\ufeff\u00ad]/g, ""),
  (text) => text.replace(/["']\s*[+,]?\s*f?["']/g, ""),
  (text) => text.replace(/[ │]*[\r\n]+[ │>]*/g, ""),
  (text) =>
    text.replace(/[A-Za-z0-9+/]{44,}={0,2}(?:\n[A-Za-z0-9+/]+={0,2})*/g, (run) => {
      try {
        return new TextDecoder().decode(
          Uint8Array.from(atob(run.replaceAll("\n", "")), (char) => char.charCodeAt(0)),
        );
      } catch {
        return run;
      }
    }),
  (text) =>
    text.replace(
      /\b(?:[0-9a-f]{2}){33,}\b/gi,
      (run) =>
        new TextDecoder().decode(Uint8Array.from(run.match(/../g)!, (hex) => parseInt(hex, 16))),
    ),
];

/** All tokens in a text after any decoders in any order, up to a depth: plain and slow. */
export function reference(text: string): Set<string> {
  const found = new Set<string>();
  const seen = new Set([text]);
  let now = [text];
  for (let depth = 0; depth < 7 && now.length > 0 && seen.size < 600; depth++) {
    for (const one of now) {
      for (const [match] of one.matchAll(/hf_[A-Za-z0-9]{34}(?![A-Za-z0-9])/g)) found.add(match);
    }
    const next = now.flatMap((one) => DECODERS.map((decode) => decode(one)))
      .filter((one) => !seen.has(one) && seen.add(one).size > 0);
    now = [...new Set(next)];
  }
  return found;
}
