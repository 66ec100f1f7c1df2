import assert from "node:assert/strict";
import OpenAI from "openai";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { AuditLog } from "../../src/audit/log.ts";
import { AuditError } from "../../src/errors.ts";
import { connect } from "../../src/inference/connect.ts";
import { guardedFetch } from "../../src/inference/guarded_fetch.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { chat, prompt, testOptions } from "./kit.ts";

Deno.test("every call has a start and an end in the audit log, paired by id", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const path = `${folder.path}/state`;
  const { audit: _none, now: _now, ...options } = testOptions(hub, {
    folder: path,
    user: "0123456789abcdef",
  });
  {
    using hf = await connect(options);
    await hf.chatCompletion(chat);
    hub.plan({ status: 503, path: /completions/ });
    await hf.chatCompletion({ ...chat, provider: "groq" });
    hub.plan({ status: 402 });
    await assert.rejects(hf.chatCompletion(chat));
  }
  using log = new AuditLog({ folder: path });
  assert.equal((await log.verify()).ok, true);
  const { records } = await log.read({ events: ["inference."] });
  const ends = records.filter((record) => record.event === "inference.end").reverse();
  const starts = records.filter((record) => record.event === "inference.start").reverse();
  assert.deepEqual(
    ends.map((end) => end.id).toSorted(),
    starts.map((start) => start.id).toSorted(),
  );
  const chats = ends.filter((end) => end["gen_ai.operation.name"] === "chat");
  assert.deepEqual(
    chats.map((end) => [
      end.outcome,
      end["http.response.status_code"],
      end["error.type"],
      end.attempts,
      end["gen_ai.provider.name"],
      end["gen_ai.request.model"],
      end["gen_ai.usage.input_tokens"],
      end["gen_ai.usage.output_tokens"],
    ]),
    [
      ["ok", 200, undefined, 1, "auto", "stand-in/chat", 11, 22],
      ["ok", 200, undefined, 2, "groq", "chat", 11, 22],
      ["failed", 402, "credits", 1, "auto", "stand-in/chat", undefined, undefined],
    ],
  );
  const end = chats[0]!;
  assert.equal(end["server.address"], "router.huggingface.co");
  assert.equal(end["url.path"], "/v1/chat/completions");
  assert.equal(end["http.request.method"], "POST");
  assert.match(end.request_id!, /^stand-in-/);
  assert.match(end.fingerprint!, /^[0-9a-f]{12}$/);
  assert.equal(end.user, "0123456789abcdef");
  assert.equal(typeof end.duration_ms, "number");
  assert.equal(typeof end.wait_ms, "number");
  const text = await Deno.readTextFile(`${path}/audit.jsonl`);
  assert.ok(!text.includes(prompt) && !text.includes(hub.token));
});

Deno.test("a call that cannot be recorded is not sent, whoever calls", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const path = `${folder.path}/state`;
  // A folder where the log should be: no disk could be fuller.
  await Deno.mkdir(`${path}/audit.jsonl`, { recursive: true, mode: 0o700 });
  await Deno.chmod(path, 0o700);
  const { audit: _none, now: _now, ...options } = testOptions(hub, { folder: path });
  using hf = await connect(options);
  await assert.rejects(hf.chatCompletion(chat), AuditError);
  using fetch = await guardedFetch(options);
  const headers = { authorization: `Bearer ${fetch.placeholder}` };
  await assert.rejects(fetch("https://huggingface.co/api/whoami-v2", { headers }), AuditError);
  const openai = new OpenAI({
    baseURL: "https://router.huggingface.co/v1",
    apiKey: fetch.placeholder,
    fetch,
  });
  await assert.rejects(openai.chat.completions.create(chat), {
    status: 400,
    message: /was not sent, for it cannot be recorded/,
  });
  assert.equal(hub.seen.length, 0);
});

Deno.test("a call that cannot be recorded is sent with a notice when that is wanted", async () => {
  await using hub = startStandIn();
  const notices: string[] = [];
  using hf = await connect(testOptions(hub, {
    onAuditFailure: "warn",
    onNotice: (sentence) => notices.push(sentence),
    audit: { append: () => Promise.reject(new Error("disk full")) },
  }));
  await hf.chatCompletion(chat);
  assert.equal(hub.seen.length, 1);
  assert.deepEqual(notices, [
    "A call is sent although it could not be recorded in the audit log.",
    "The end of a call could not be recorded in the audit log.",
  ]);
});

Deno.test("a call whose end cannot be recorded keeps its result, and the next is not sent", async () => {
  await using hub = startStandIn();
  let room = 1;
  using hf = await connect(testOptions(hub, {
    audit: {
      append: () =>
        room-- > 0 ? Promise.resolve() : Promise.reject(
          new AuditError("audit-unwritable", "Cannot record the event: the disk is full"),
        ),
    },
  }));
  assert.ok((await hf.chatCompletion(chat)).choices.length);
  await assert.rejects(hf.chatCompletion(chat), AuditError);
  assert.equal(hub.seen.length, 1);
});
