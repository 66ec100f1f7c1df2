import assert from "node:assert/strict";
import fc from "fast-check";
import { createDoor } from "../../src/door/door.ts";
import { createOrigins } from "../../src/door/origins.ts";
import { outgoing } from "../../src/door/outgoing.ts";
import { tokenCheck } from "../../src/door/token_check.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(31);
const placeholder = "hf_kept_by_hushbook_9";
const origins = createOrigins({ allowedHosts: ["http://127.0.0.1:8080", "https://mine.example"] });

/** Hosts near and far, and other spellings of them. */
const host = fc.constantFrom(
  "https://huggingface.co",
  "https://router.huggingface.co",
  "https://hf.co",
  "https://mine.example",
  "http://127.0.0.1:8080",
  "http://127.0.0.1:8081",
  "http://huggingface.co",
  "https://huggingface.co.evil.example",
  "https://evil.example",
  "https://evil.example:443",
  "//evil.example",
  "//huggingface.co",
  "",
  "https:",
  "\\\\evil.example",
);
const location = fc.tuple(
  host,
  fc.constantFrom("/a", "/b?c=d", "/../e", "", "@evil.example/", "\t/f"),
)
  .map(([first, second]) => first + second);
const hop = fc.record({ status: fc.constantFrom(301, 302, 303, 307, 308), location });

Deno.test("Door.send() shows the token to no foreign origin, whatever the redirects", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(hop, { maxLength: 6 }),
      fc.constantFrom("GET", "POST", "PUT"),
      async (hops, method) => {
        let left = false;
        let at = 0;
        const door = createDoor({
          placeholder,
          token: () => token,
          origins,
          looksLikeToken: tokenCheck(() => token),
          fetch(input, init) {
            const url = new URL(String(input));
            const headers = new Headers(init?.headers);
            const carries = [...headers].some(([, value]) => value.includes(token));
            left ||= !origins.allows(url);
            assert.equal(carries, !left, `${url.origin} after ${at} hops`);
            assert.ok(![...headers].some(([, value]) => value.includes("hushbook")));
            assert.equal(init?.redirect, "manual");
            const next = hops[at++];
            return Promise.resolve(
              next === undefined ? new Response("end") : new Response(null, {
                status: next.status,
                headers: { location: next.location },
              }),
            );
          },
        });
        const request = await outgoing("https://huggingface.co/start", {
          method,
          headers: { authorization: `Bearer ${placeholder}` },
          ...(method === "GET" ? {} : { body: "{}" }),
        });
        try {
          await door.send(request);
        } catch (error) {
          // A refusal is a good answer to nonsense; anything else is not.
          assert.equal((error as { code?: string }).code, "request-refused", String(error));
        }
      },
    ),
    { numRuns: 500, seed: 7 },
  );
});
