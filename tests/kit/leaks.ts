/** Whether a text gives a secret away, judged without any of the code under test. */

/** Colour codes off, escapes of JSON, percent and HTML resolved as far as they go. */
function plainVersions(text: string): string[] {
  // deno-lint-ignore no-control-regex
  const bare = text.replace(/(?:\x1b|\\u001b)\[[0-9;]*m/g, "");
  const unescaped = bare.replace(/\\+(["'\\/])/g, "$1");
  const decode = (encoded: string) =>
    encoded.replace(/(?:%[0-9a-fA-F]{2})+/g, (codes) => {
      try {
        return decodeURIComponent(codes);
      } catch {
        return codes;
      }
    });
  const entities = unescaped.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_, name: string) =>
      ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" } as Record<string, string>)[name]!,
  );
  return [
    text,
    bare,
    unescaped,
    decode(unescaped),
    decode(unescaped.replaceAll("+", " ")),
    entities,
  ];
}

function base64Versions(text: string): string[] {
  return (text.match(/[A-Za-z0-9+/_-]{16,}/g) ?? []).flatMap((run) =>
    [0, 1, 2, 3].map((skip) => {
      const aligned = run.slice(skip).replaceAll("-", "+").replaceAll("_", "/");
      try {
        return atob(aligned.slice(0, aligned.length - aligned.length % 4));
      } catch {
        return "";
      }
    })
  );
}

/** Whether the text shows a secret, or 12 characters of its beginning or end, in any spelling. */
export function leaks(text: string, secret: string): boolean {
  const pieces = [secret.slice(0, 12), secret.slice(-12)];
  const versions = plainVersions(text).flatMap((version) => [version, ...base64Versions(version)]);
  return versions.some((version) => pieces.some((piece) => version.includes(piece)));
}
