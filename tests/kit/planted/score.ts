/** Measures detection on the generated set: how much is found, how much is flagged for nothing. */

import { findTokens } from "../../../src/notebook/find.ts";
import type { Finding } from "../../../src/notebook/finding.ts";
import { fingerprint } from "../../../src/secret/fingerprint.ts";
import { TOKEN_SHAPES } from "../../../src/secret/shape.ts";
import { fakeToken, fakeTokenWithDigits, randomText } from "../tokens.ts";
import { COMPOSED } from "./composed.ts";
import { NEGATIVE } from "./negative.ts";
import { Choices, lines, stream, withOutput, withSource } from "./notebook.ts";
import { CORE, ENCODED, FORMAT, HARD, type Planted, STRUCTURAL } from "./positive.ts";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A fake token of any kind but the ordinary one. */
export function fakeOtherToken(seed: number): string {
  const shapes = TOKEN_SHAPES.filter(({ kind }) => kind !== "user-access");
  const { prefix, body } = shapes[seed % shapes.length]!;
  if (body !== "dotted") return prefix + randomText(body, seed, BASE64URL);
  const part = (length: number, i: number) => randomText(length, seed + i, BASE64URL);
  return `${prefix}eyJ${[part(17, 1), part(40, 2), part(43, 3)].join(".")}`;
}

/** What one tier of classes scored. */
export interface TierScore {
  /** Its name. */
  readonly tier: string;
  /** Files made. */
  readonly files: number;
  /** Files in which the planted token was found. */
  readonly found: number;
  /** Classes in which one was missed. */
  readonly missed: readonly string[];
}

/** What the whole set scored. */
export interface Score {
  /** Positive tiers. */
  readonly tiers: readonly TierScore[];
  /** Negative files made. */
  readonly harmless: number;
  /** Classes of negative files in which something was reported, and what. */
  readonly flagged: readonly string[];
  /** Classes whose findings repeat part of the token. */
  readonly echoed: readonly string[];
}

/** A file as a search sees it, by its own look. */
export function search(bytes: Uint8Array): Finding[] {
  return findTokens(bytes, { path: bytes[0] === 0x7b ? "set/x.ipynb" : "set/x.txt" });
}

/** What {@link COMPOSED} writes, in a source, an output or a plain file. */
const PLACED: Readonly<Record<string, Planted>> = Object.fromEntries(
  Object.entries(COMPOSED).map(([label, write]): [string, Planted] => [label, (token, choices) => {
    const text = `${write(token, choices)}\n`;
    const place = choices.below(3);
    return place === 0
      ? withSource(text)
      : place === 1
      ? withOutput(stream(lines(text)))
      : new TextEncoder().encode(text);
  }]),
);

/** Makes `perClass` files of each class, from a seed, and searches them. */
export function score(seed: number, perClass: number): Score {
  const echoed: string[] = [];
  let next = seed * 100_003;
  const tier = (name: string, classes: Readonly<Record<string, Planted>>): TierScore => {
    let files = 0, found = 0;
    const missed = new Set<string>();
    for (const [label, make] of Object.entries(classes)) {
      for (let i = 0; i < perClass; i++) {
        const own = next++;
        const token = name === "format"
          ? fakeOtherToken(own)
          : own % 2 === 0
          ? fakeToken(own)
          : fakeTokenWithDigits(own);
        const findings = search(make(token, new Choices(own)));
        files++;
        if (findings.some((finding) => finding.fingerprint === fingerprint(token))) found++;
        else missed.add(label);
        const report = JSON.stringify(findings);
        for (let at = 3; at + 6 <= token.length; at++) {
          if (report.includes(token.slice(at, at + 6)) && /[A-Z]/.test(token.slice(at, at + 6))) {
            echoed.push(`${name}: ${label}`);
            break;
          }
        }
      }
    }
    return { tier: name, files, found, missed: [...missed] };
  };
  const tiers = [
    tier("core", CORE),
    tier("structural", STRUCTURAL),
    tier("encoded", ENCODED),
    tier("format", FORMAT),
    tier("composed", PLACED),
    tier("hard", HARD),
  ];
  let harmless = 0;
  const flagged: string[] = [];
  for (const [label, make] of Object.entries(NEGATIVE)) {
    for (let i = 0; i < perClass; i++) {
      harmless++;
      const findings = search(make(new Choices(next++)));
      if (findings.length > 0) flagged.push(`${label}: ${findings[0]!.rule} ${findings[0]!.chain}`);
    }
  }
  return { tiers, harmless, flagged, echoed };
}
