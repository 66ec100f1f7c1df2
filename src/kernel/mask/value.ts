/**
 * Masks the strings inside a value, in the shape in which the kernel sends it.
 *
 * @module
 */

import { maskText } from "./secrets.ts";

/** Deeper than the runtime's own limit for what it sends; it then reports the depth itself. */
const DEEPEST = 200;

/**
 * A copy of a value with every registered secret masked, in keys too. Each property is read once, so
 * a getter cannot show one value here and another to the kernel. What the runtime would send
 * differently stays as it is: maps stay maps, binary data is not touched.
 *
 * @param value Any value.
 * @returns The copy; primitives and binary data themselves.
 */
export function maskValue(value: unknown): unknown {
  return masked(value, 0);
}

function masked(value: unknown, depth: number): unknown {
  if (typeof value === "string") return maskText(value);
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || depth > DEEPEST) return value;
  if (Array.isArray(value)) {
    const copy: unknown[] = [];
    for (let i = 0; i < value.length; i++) copy.push(masked(value[i], depth + 1));
    return copy;
  }
  if (value instanceof Map) {
    const copy = new Map();
    for (const [key, item] of value) copy.set(masked(key, depth + 1), masked(item, depth + 1));
    return copy;
  }
  const copy: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) {
    copy[maskText(key)] = masked((value as Record<string, unknown>)[key], depth + 1);
  }
  return copy;
}
