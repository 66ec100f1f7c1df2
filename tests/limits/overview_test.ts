import assert from "node:assert/strict";
import { createLimiter } from "../../src/limits/limiter.ts";
import { listLimits } from "../../src/limits/overview.ts";
import { temporaryFolder } from "../kit/temporary.ts";

Deno.test("listLimits() shows every limit as its limiter does, and changes no file", async () => {
  using folder = temporaryFolder();
  const now = Date.now;
  using busy = createLimiter({
    folder: folder.path,
    key: { fingerprint: "0123456789ab", host: "router.huggingface.co", provider: "groq" },
    windows: [{ limit: 70, windowMs: 60_000 }, { limit: 100, windowMs: 600_000 }],
  });
  using idle = createLimiter({
    folder: folder.path,
    key: "idle",
    windows: [{ limit: 1, windowMs: 500 }],
  });
  for (let i = 0; i < 70; i++) await busy.acquire();
  await idle.acquire();
  await idle.pause(5000);
  const waiting = busy.acquire({ signal: AbortSignal.timeout(150) }).catch(() => {});
  const before = await Deno.readFile(`${folder.path}/limits/idle.ring`);
  const [first, second, ...rest] = await listLimits({ folder: folder.path, now });
  assert.deepEqual(rest, []);
  assert.equal(first!.name, "0123456789ab-router.huggingface.co-groq");
  assert.deepEqual(first!.windows, (await busy.status()).windows);
  assert.deepEqual(first!.windows.map(({ left }) => left), [0, 30]);
  assert.ok(first!.nextFreeMs > 50_000 && first!.nextFreeMs <= 60_050);
  assert.equal(first!.waiting, 1);
  assert.equal(second!.name, "idle");
  assert.ok(second!.pausedMs > 4000 && second!.nextFreeMs >= second!.pausedMs);
  assert.ok(Math.abs(second!.lastCallAt! - Date.now()) < 60_000);
  assert.deepEqual(await Deno.readFile(`${folder.path}/limits/idle.ring`), before);
  await waiting;
});

Deno.test("listLimits() is empty when no call was made, and names damaged files", async () => {
  using folder = temporaryFolder();
  assert.deepEqual(await listLimits({ folder: folder.path }), []);
  await Deno.mkdir(`${folder.path}/limits`);
  await Deno.writeTextFile(`${folder.path}/limits/odd.ring`, "not a ring file");
  const [odd] = await listLimits({ folder: folder.path });
  assert.equal(odd!.damaged, true);
});
