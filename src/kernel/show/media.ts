/**
 * Pictures, audio and video: what kind they are, told by their first bytes, and how a notebook
 * shows them.
 *
 * @module
 */

import type { MimeBundle } from "../outputs.ts";
import { escapeHtml } from "./html.ts";

/** Signatures of formats (https://mimesniff.spec.whatwg.org/#matching-a-mime-type-pattern). */
const SIGNATURES: readonly (readonly [type: string, at: number, bytes: string])[] = [
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/gif", 0, "GIF87a"],
  ["image/gif", 0, "GIF89a"],
  ["image/webp", 8, "WEBP"],
  ["image/bmp", 0, "BM"],
  ["image/avif", 4, "ftypavif"],
  ["audio/wav", 8, "WAVE"],
  ["audio/flac", 0, "fLaC"],
  ["audio/mpeg", 0, "ID3"],
  ["audio/mpeg", 0, "\xff\xfb"],
  ["audio/mpeg", 0, "\xff\xf3"],
  ["audio/mpeg", 0, "\xff\xf2"],
  ["audio/aac", 0, "\xff\xf1"],
  ["audio/mp4", 4, "ftypM4A"],
  ["audio/ogg", 0, "OggS"],
  ["video/webm", 0, "\x1a\x45\xdf\xa3"],
  ["video/quicktime", 4, "ftypqt"],
  ["video/mp4", 4, "ftyp"],
  ["application/pdf", 0, "%PDF-"],
];

/**
 * The MIME type that the bytes themselves tell.
 *
 * @param bytes The beginning of a file, 64 bytes or more where it has them.
 * @returns The type, or undefined when it is none of a picture, audio, video or PDF.
 */
export function sniffType(bytes: Uint8Array): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  return SIGNATURES.find(([, at, text]) => head.startsWith(text, at))?.[0];
}

function player(element: "audio" | "video", type: string, base64: string): MimeBundle {
  const source = `data:${escapeHtml(type)};base64,${base64}`;
  const size = element === "video" ? ' style="max-width:100%"' : "";
  return { "text/html": `<${element} controls src="${source}"${size}></${element}>` };
}

/** The type without parameters, in lower case, if it is well-formed. */
function declaredType(type: string): string | undefined {
  return /^[a-z]+\/[\w.+-]+/.exec(type.toLowerCase())?.[0];
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1 << 20
    ? `${(bytes / 1024).toFixed(1)} KB`
    : `${(bytes / (1 << 20)).toFixed(1)} MB`;
}

/**
 * How a notebook shows a file. What its bytes tell goes before what it is declared to be: providers
 * declare pictures as `application/octet-stream`.
 *
 * @param blob The file.
 * @returns A picture, a player, text, or a line that says what it is.
 */
export async function mediaBundle(blob: Blob): Promise<MimeBundle> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const declared = declaredType(blob.type);
  const type = sniffType(bytes) ?? declared ?? "application/octet-stream";
  const plain = `<${type}, ${size(bytes.length)}>`;
  if (type === "image/svg+xml") {
    // As a picture, so that nothing in it is executed.
    const source = `data:image/svg+xml;base64,${bytes.toBase64()}`;
    return { "text/html": `<img src="${source}" alt="">`, "text/plain": plain };
  }
  if (type === "image/bmp" || type === "image/avif") {
    const source = `data:${type};base64,${bytes.toBase64()}`;
    return { "text/html": `<img src="${source}" alt="">`, "text/plain": plain };
  }
  if (type.startsWith("image/")) return { [type]: bytes.toBase64(), "text/plain": plain };
  if (type.startsWith("audio/")) {
    return { ...player("audio", type, bytes.toBase64()), "text/plain": plain };
  }
  if (type.startsWith("video/")) {
    return { ...player("video", type, bytes.toBase64()), "text/plain": plain };
  }
  if (type.startsWith("text/") || type === "application/json") {
    return { "text/plain": new TextDecoder().decode(bytes) };
  }
  return { "text/plain": plain };
}
