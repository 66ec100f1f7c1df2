/**
 * Ways onto the network that are not the global `fetch` are not routed through the door: what they carry
 * is the placeholder, never the token, and the server refuses them.
 */

import assert from "node:assert/strict";
import http from "node:http";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { guardedFetch } from "../../src/inference/guarded_fetch.ts";
import { temporaryFolder } from "../kit/temporary.ts";

Deno.test("what does not use the global fetch carries the placeholder and not the token", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const early = globalThis.fetch; // taken before the connection was opened
  const env: Record<string, string> = { ...hub.env };
  using fetch = await guardedFetch({
    token: hub.token,
    folder: `${folder.path}/state`,
    env: (name) => env[name],
    audit: false,
  });
  const { placeholder } = fetch;
  const headers = { authorization: `Bearer ${placeholder}` };
  const address = `${hub.origin}/api/whoami-v2`;
  const ways: Record<string, () => Promise<unknown>> = {
    "a fetch taken earlier": async () => await (await early(address, { headers })).text(),
    "node:http": () =>
      new Promise((resolve, reject) => {
        http.get(address, { headers }, (response) => response.resume().on("end", resolve))
          .on("error", reject);
      }),
    "WebSocket": () =>
      new Promise((resolve) => {
        const socket = new WebSocket(address.replace("http:", "ws:"), { headers });
        socket.onerror = socket.onclose = resolve;
      }),
    "Worker": () =>
      new Promise((resolve, reject) => {
        const code = `fetch(${JSON.stringify(address)}, { headers: ${JSON.stringify(headers)} })
          .then((response) => response.text()).then(postMessage);`;
        const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, {
          type: "module",
        });
        worker.onmessage = (event) => {
          worker.terminate();
          resolve(event.data);
        };
        worker.onerror = reject;
      }),
  };
  for (const [name, send] of Object.entries(ways)) {
    const before = hub.seen.length;
    await send();
    assert.deepEqual(
      hub.seen.slice(before).map(({ credential }) => credential),
      ["placeholder"],
      name,
    );
    assert.equal(hub.seen.at(-1)!.status, 401, name);
  }
  // The same request by the global fetch, for comparison.
  assert.equal(
    (await globalThis.fetch(address, { headers }).then((r) => (r.body?.cancel(), r))).status,
    200,
  );
  assert.equal(hub.seen.at(-1)!.credential, "token");
});
