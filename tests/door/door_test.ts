import assert from "node:assert/strict";
import { createDoor, type Door } from "../../src/door/door.ts";
import { mover } from "../../src/door/endpoints.ts";
import { createOrigins } from "../../src/door/origins.ts";
import { outgoing } from "../../src/door/outgoing.ts";
import { tokenCheck } from "../../src/door/token_check.ts";
import { RequestError } from "../../src/door/request_error.ts";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { fakeToken } from "../kit/tokens.ts";

const placeholder = "hf_kept_by_hushbook_7";

function doorFor(token: string, allowedHosts: string[], send: typeof fetch = fetch): Door {
  return createDoor({
    placeholder,
    token: () => token,
    origins: createOrigins({ allowedHosts }),
    looksLikeToken: tokenCheck(() => token),
    fetch: send,
  });
}

async function through(door: Door, input: RequestInfo | URL, init?: RequestInit) {
  return (await door.send(await outgoing(input, init))).response;
}

const bearer = { Authorization: `Bearer ${placeholder}` };

Deno.test("Door.send() puts the token where the placeholder was, whatever the spelling", async () => {
  const token = fakeToken(1);
  const sent: Headers[] = [];
  const door = doorFor(token, [], (_input, init) => {
    sent.push(new Headers(init?.headers));
    return Promise.resolve(new Response("ok"));
  });
  const spellings: HeadersInit[] = [
    { Authorization: `Bearer ${placeholder}` },
    { authorization: `Bearer ${placeholder}` },
    { AUTHORIZATION: `bearer   ${placeholder}` },
    [["AuThOrIzAtIoN", `Key ${placeholder}`]],
    new Headers({ "X-API-Key": placeholder }),
    { "api-key": placeholder, Authorization: `Bearer ${placeholder}` },
  ];
  for (const headers of spellings) {
    await through(door, "https://router.huggingface.co/v1/models", { headers });
    const got = sent.at(-1)!;
    const values = [...got].map(([, value]) => value).join("\n");
    assert.ok(values.includes(token), values);
    assert.ok(!values.includes("hushbook"), values);
  }
  assert.equal(sent.at(-1)!.get("authorization"), `Bearer ${token}`);
  assert.equal(sent[3]!.get("authorization"), `Key ${token}`);
  assert.ok(!sent[0]!.get("authorization")!.includes(","), "replaced, not appended");
});

Deno.test("Door.send() reads a Request as it reads address and options", async () => {
  const token = fakeToken(2);
  await using hub = startStandIn({ tokens: [token] });
  const door = doorFor(token, [hub.origin]);
  const request = new Request(`${hub.origin}/v1/chat/completions`, {
    method: "POST",
    headers: bearer,
    body: JSON.stringify({ model: "stand-in/chat", messages: [] }),
  });
  const response = await through(door, request);
  assert.equal(response.status, 200);
  await response.body?.cancel();
  assert.deepEqual(hub.seen.map((seen) => [seen.credential, seen.method, seen.body]), [
    ["token", "POST", { model: "stand-in/chat", messages: [] }],
  ]);
});

Deno.test("Door.check() refuses what must not be sent, naming host and path only", async () => {
  const token = fakeToken(3);
  const other = fakeToken(4);
  let sent = 0;
  const door = doorFor(token, ["http://127.0.0.1:8080"], () => {
    sent += 1;
    return Promise.resolve(new Response("ok"));
  });
  const query = "secret-query";
  const table: [string, RequestInit, RegExp][] = [
    [
      `https://evil.example/p?${query}`,
      { headers: bearer },
      /allowedHosts.*https:\/\/evil.example/,
    ],
    [`http://huggingface.co/p?${query}`, { headers: bearer }, /may not go there/],
    [`http://127.0.0.1:9999/p?${query}`, { headers: bearer }, /may not go there/],
    [
      `https://evil.example/p`,
      { headers: { Authorization: `Bearer ${other}` } },
      /may not go there/,
    ],
    [`https://evil.example/p`, { headers: { "x-mine": token } }, /may not go there/],
    [`https://huggingface.co/p?key=${token}`, {}, /its address holds a token/],
    [`https://huggingface.co/p/${token}/x`, { headers: bearer }, /its address holds a token/],
    [`https://huggingface.co/p?key=${token.replace("_", "%5F")}`, {}, /address holds/],
    [`https://huggingface.co/p?key=${token.replace("_", "%255F")}`, {}, /address holds/],
    [`https://huggingface.co/p?key=${placeholder}`, {}, /address holds/],
    [`https://u:${query}@huggingface.co/p`, {}, /user name or password/],
    [`https://huggingface.co/p`, { headers: { cookie: `a=${placeholder}` } }, /header cookie/],
    [
      `https://huggingface.co/p`,
      { headers: { authorization: "Bearer hf_kept_by_hushbook_6" } },
      /closed; connect again/,
    ],
    ["not an address", { headers: bearer }, /not a full URL/],
  ];
  for (const [address, init, message] of table) {
    await assert.rejects(() => through(door, address, init), (error) => {
      assert.ok(error instanceof RequestError, String(error));
      assert.equal(error.kind, "refused");
      assert.match(error.message, message);
      const shown = Deno.inspect(error) + JSON.stringify(error) + error.stack;
      for (const secret of [token, other, query]) assert.ok(!shown.includes(secret), shown);
      return true;
    });
  }
  assert.equal(sent, 0);
});

Deno.test("Door.send() leaves a request without placeholder as it is", async () => {
  await using hub = startStandIn();
  const response = await through(doorFor(fakeToken(5), []), `${hub.origin}/api/models`);
  await response.body?.cancel();
  assert.equal(hub.seen[0]!.credential, "none");
});

Deno.test("Door.send() follows redirects hop by hop and keeps the token at home", async (t) => {
  const token = fakeToken(6);
  await using home = startStandIn({ tokens: [token] });
  await using second = startStandIn({ tokens: [token] });
  await using foreign = startStandIn({ tokens: [token] });
  const door = doorFor(token, [home.origin, second.origin]);
  const body = JSON.stringify({ model: "stand-in/chat", messages: [] });
  const chat = "/v1/chat/completions";
  const to = (target: string, status: number) =>
    `${home.origin}/redirect?status=${status}&to=${encodeURIComponent(target)}`;

  for (const status of [301, 302, 303, 307, 308]) {
    for (const method of ["GET", "HEAD", "POST", "PUT"]) {
      const kept = status >= 307 || (status === 303 ? method === "HEAD" : method !== "POST");
      const expected = kept ? method : "GET";
      const withBody = method === "POST" || method === "PUT";
      for (
        const [name, target, credential] of [
          ["within the origin", home, "token"],
          ["to another allowed origin", second, "token"],
          ["to a foreign origin", foreign, "none"],
        ] as const
      ) {
        await t.step(`${status} of a ${method} ${name}`, async () => {
          for (const hub of [home, second, foreign]) hub.reset();
          const response = await through(door, to(`${target.origin}${chat}`, status), {
            method,
            headers: { ...bearer, "content-type": "application/json", cookie: "a=b" },
            ...(withBody ? { body } : {}),
          });
          await response.body?.cancel();
          const last = target.seen.at(-1)!;
          assert.equal(last.path, chat);
          assert.equal(last.method, expected);
          assert.equal(last.credential, credential);
          assert.equal(last.headers["cookie"] === undefined, target === foreign);
          assert.deepEqual(last.body, withBody && kept ? JSON.parse(body) : null);
          assert.equal("content-type" in last.headers, expected === method);
        });
      }
    }
  }

  await t.step("and back from a foreign origin, without the token from then on", async () => {
    for (const hub of [home, foreign]) hub.reset();
    const back = `${foreign.origin}/redirect?to=${
      encodeURIComponent(home.origin + "/api/whoami-v2")
    }`;
    const response = await through(door, to(back, 302), { headers: bearer });
    await response.body?.cancel();
    assert.equal(response.status, 401);
    assert.deepEqual(home.seen.map((seen) => seen.credential), ["token", "none"]);
  });

  await t.step("but not for ever", async () => {
    home.plan({ path: /loop/, times: Infinity, status: 302, headers: { location: "/loop" } });
    await assert.rejects(() => through(door, `${home.origin}/loop`, { headers: bearer }), {
      code: "request-refused",
      message: /more than 20 times/,
    });
    assert.equal(home.seen.filter((seen) => seen.path === "/loop").length, 21);
    home.reset();
  });

  await t.step("not to an address that holds a token", async () => {
    foreign.reset();
    const target = `${foreign.origin}/media/film?t=${token}`;
    home.plan({ path: /moved/, status: 302, headers: { location: target } });
    await assert.rejects(() => through(door, `${home.origin}/moved`, { headers: bearer }), {
      code: "request-refused",
      message: /holds a token/,
    });
    assert.equal(foreign.seen.length, 0);
  });

  await t.step("not with a body that is a stream", async () => {
    await assert.rejects(() =>
      through(door, to(home.origin + chat, 307), {
        method: "POST",
        headers: bearer,
        body: new Blob([body]).stream(),
      }), { message: /cannot be sent again/ });
  });

  await t.step(
    "not where the caller asked for an error, and not at all where for the redirect",
    async () => {
      const target = to(home.origin + "/api/whoami-v2", 302);
      await assert.rejects(() => through(door, target, { headers: bearer, redirect: "error" }), {
        message: /asked for an error/,
      });
      const manual = await through(door, target, { headers: bearer, redirect: "manual" });
      assert.equal(manual.status, 302);
      await manual.body?.cancel();
    },
  );
});

Deno.test("Door.send() does not follow from https to http", async () => {
  const token = fakeToken(8);
  let calls = 0;
  const door = doorFor(token, ["http://127.0.0.1:8080"], () => {
    calls += 1;
    return Promise.resolve(
      new Response(null, { status: 302, headers: { location: "http://127.0.0.1:8080/x" } }),
    );
  });
  await assert.rejects(
    () => through(door, "https://huggingface.co/x", { headers: bearer }),
    { code: "request-refused", message: /from https to http/ },
  );
  assert.equal(calls, 1);
});

Deno.test("mover() sends what is meant for the Hub and the router to their stand-ins", () => {
  const move = mover({ hub: "http://127.0.0.1:5000/mirror/", router: "https://gateway.example" });
  assert.equal(
    move(new URL("https://huggingface.co/api/models?a=b")).href,
    "http://127.0.0.1:5000/mirror/api/models?a=b",
  );
  assert.equal(
    move(new URL("https://router.huggingface.co/v1/x")).href,
    "https://gateway.example/v1/x",
  );
  assert.equal(move(new URL("https://other.example/")).href, "https://other.example/");
});
