/** Signing in and refreshing in several processes at once, some of which are killed. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { standInSignIn } from "../kit/stand_in_sign_in.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const HOUR = 3_600_000;

/** A process that signs in; its lines can be waited for. */
function program(address: string, folder: string, clockMs = 0) {
  const file = fileURLToPath(new URL("./sign_in_program.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "--no-check", file, address, folder, String(clockMs)],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines: string[] = [];
  let waiting: (() => void) | undefined;
  const end = (async () => {
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      lines.push(...parts);
      waiting?.();
    }
    await child.status;
  })();
  const until = async (pattern: RegExp): Promise<string> => {
    while (true) {
      const line = lines.find((one) => pattern.test(one));
      if (line !== undefined) return line;
      await Promise.race([
        new Promise<void>((done) => void (waiting = done)),
        end.then(() =>
          assert.ok(lines.some((one) => pattern.test(one)), `no ${pattern}: ${lines}`)
        ),
      ]);
    }
  };
  return { child, lines, until, end };
}

/** The requests of one kind that the Hub has seen. */
function count(asked: readonly string[], kind: RegExp): number {
  return asked.filter((one) => kind.test(one)).length;
}

Deno.test("deviceSignIn() signs in once for two processes: the second says that it waits, and uses the first's tokens", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  server.pending = true;
  const [one, other] = [1, 2].map(() => program(server.address, `${temporary.path}/h`));
  await Promise.race([one!.until(/open https/), other!.until(/open https/)]);
  await Promise.race([
    one!.until(/^told Another notebook/),
    other!.until(/^told Another notebook/),
  ]);
  server.pending = false;
  await Promise.all([one!.end, other!.end]);
  assert.equal(count(server.asked, /^device /), 1, "one code");
  assert.equal(server.granted.length, 1);
  for (const { lines } of [one!, other!]) {
    assert.equal(lines.at(-1), `token ${fingerprint(server.granted[0]!)}`);
    assert.equal(lines.length, 2, lines.join("\n"));
  }
});

Deno.test("deviceSignIn() in a process that waits goes on by itself when the other one is killed", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  server.pending = true;
  const first = program(server.address, `${temporary.path}/h`);
  await first.until(/open https/);
  const second = program(server.address, `${temporary.path}/h`);
  await second.until(/^told Another notebook/);
  first.child.kill("SIGKILL");
  await first.end;
  await second.until(/open https/);
  server.pending = false;
  await second.end;
  assert.equal(count(server.asked, /^device /), 2);
  assert.equal(second.lines.at(-1), `token ${fingerprint(server.granted[0]!)}`);
});

Deno.test("deviceSignIn() in four processes uses a refresh token once, also when its first user is killed", async (t) => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/h`;
  await program(server.address, folder).end;
  await t.step("all of them get the new token", async () => {
    const processes = [1, 2, 3, 4].map(() => program(server.address, folder, 8 * HOUR));
    await Promise.all(processes.map(({ end }) => end));
    assert.equal(count(server.asked, /^refresh_token$/), 1);
    for (const { lines } of processes) {
      assert.deepEqual(lines, [`token ${fingerprint(server.granted[1]!)}`]);
    }
  });
  await t.step(
    "the next one refreshes when the first is killed before the Hub has answered",
    async () => {
      const hold = Promise.withResolvers<void>();
      server.hold = hold.promise;
      const first = program(server.address, folder, 17 * HOUR);
      while (count(server.asked, /^refresh_token$/) < 2) {
        await new Promise((done) => setTimeout(done, 10));
      }
      const second = program(server.address, folder, 17 * HOUR);
      first.child.kill("SIGKILL");
      await first.end;
      // What the killed one asked for is never granted: its connection is gone.
      server.answers.push(503);
      server.hold = undefined;
      hold.resolve();
      await second.end;
      assert.deepEqual(second.lines, [`token ${fingerprint(server.granted[2]!)}`]);
      assert.equal(count(server.asked, /^device /), 1, "nobody was asked again");
    },
  );
});
