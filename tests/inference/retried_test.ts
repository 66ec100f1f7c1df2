import assert from "node:assert/strict";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { guardedFetch } from "../../src/inference/guarded_fetch.ts";
import { chat, testOptions } from "./kit.ts";

const chatUrl = "https://router.huggingface.co/v1/chat/completions";
const whoamiUrl = "https://huggingface.co/api/whoami-v2";

Deno.test("what may be repeated is repeated, and what may have been billed is not", async (t) => {
  const table: [string, "GET" | "POST", object, number, number | "error"][] = [
    ["a read with 500", "GET", { status: 500, times: 3 }, 4, 200],
    ["a read with 500 for ever", "GET", { status: 500, times: 99 }, 4, 500],
    ["a read with 408", "GET", { status: 408, times: 1 }, 2, 200],
    ["a read with 501", "GET", { status: 501, times: 1 }, 1, 501],
    ["a read with 404", "GET", { status: 404, times: 1 }, 1, 404],
    ["a chat whose answer breaks off", "POST", { hangUp: true, times: 1 }, 1, "error"],
    ["a chat with 500", "POST", { status: 500, times: 1 }, 1, 500],
    ["a chat with 504", "POST", { status: 504, times: 1 }, 1, 504],
    ["a chat with 503", "POST", { status: 503, times: 2 }, 3, 200],
    ["a chat with 429", "POST", { status: 429, headers: { "retry-after-ms": "1" } }, 2, 200],
  ];
  await using hub = startStandIn();
  for (const [name, method, fault, sent, status] of table) {
    await t.step(name, async () => {
      hub.reset();
      hub.plan(fault);
      const options = testOptions(hub);
      using fetch = await guardedFetch(options);
      const headers = { authorization: `Bearer ${fetch.placeholder}` };
      const request = method === "GET"
        ? fetch(whoamiUrl, { headers })
        : fetch(chatUrl, { method, headers, body: JSON.stringify(chat) });
      const got = await request.then(async (response) => {
        await response.body?.cancel();
        return response.status;
      }, () => "error");
      assert.equal(got, status);
      assert.equal(hub.seen.length, sent);
      assert.equal(options.records.at(-1)!.attempts, sent);
    });
  }
});

/** A server that closes so many connections once it has read a request, and then answers. */
function closingServer(times: number) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let requests = 0;
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(65_536));
      requests += 1;
      if (requests > times) {
        const text = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
        await connection.write(new TextEncoder().encode(text));
      }
      connection.close();
    }
  })();
  return {
    origin: `http://127.0.0.1:${listener.addr.port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

Deno.test("a lost connection is tried again for a read, and not for a chat that may be billed", async () => {
  await using hub = startStandIn();
  await using server = closingServer(2);
  using guarded = await guardedFetch(
    testOptions(hub, { fetch, allowedHosts: [server.origin] }),
  );
  const headers = { authorization: `Bearer ${guarded.placeholder}` };
  await assert.rejects(
    guarded(`${server.origin}/v1/chat/completions`, { method: "POST", headers, body: "{}" }),
    { code: "request-network", attempts: 1, message: /the connection was closed/ },
  );
  assert.equal(server.requests(), 1);
  const response = await guarded(`${server.origin}/state`, { headers });
  assert.equal(await response.text(), "ok");
  assert.equal(server.requests(), 3);
});

Deno.test("a chat that never left this machine is repeated, and fails with the reason", async () => {
  await using hub = startStandIn();
  // A port on which nobody listens any more.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const origin = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const options = testOptions(hub, { fetch, allowedHosts: [origin] });
  using guarded = await guardedFetch(options);
  await assert.rejects(
    guarded(`${origin}/v1/chat/completions?secret=1`, {
      method: "POST",
      headers: { authorization: `Bearer ${guarded.placeholder}` },
      body: JSON.stringify(chat),
    }),
    (error) => {
      const { code, message, attempts } = error as {
        code: string;
        message: string;
        attempts: number;
      };
      assert.equal(code, "request-network");
      assert.equal(attempts, 4);
      assert.match(message, /connection refused/);
      assert.ok(!message.includes("secret"));
      return true;
    },
  );
});

Deno.test("a body that is a stream is sent once", async () => {
  await using hub = startStandIn();
  using guarded = await guardedFetch(testOptions(hub));
  hub.plan({ status: 503, times: 9 });
  const response = await guarded(chatUrl, {
    method: "POST",
    headers: { authorization: `Bearer ${guarded.placeholder}` },
    body: new Blob([JSON.stringify(chat)]).stream(),
  });
  await response.body?.cancel();
  assert.equal(response.status, 503);
  assert.equal(hub.seen.length, 1);
});
