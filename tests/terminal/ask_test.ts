import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { askInTerminal } from "../../src/terminal/ask.ts";
import { PromptError } from "../../src/errors.ts";
import { needs } from "../kit/programs.ts";
import { onPty, type PtyStep } from "../kit/pty.ts";
import { randomText } from "../kit/tokens.ts";

const PROGRAM = fileURLToPath(new URL("./ask_program.ts", import.meta.url));
const run = (...flags: string[]) => [Deno.execPath(), "run", "-A", "--no-check", PROGRAM, ...flags];
const NORMAL = { echo: true, line: true, signals: true };
// deno-lint-ignore no-control-regex
const PASTE_MODE = /\x1b\[\?2004[hl]/g;
const long = randomText(5000, 3);

/** One row per line of what the common prompts get wrong: what is typed, and what must come out. */
const ROWS: readonly (readonly [string, readonly PtyStep[], string])[] = [
  ["a pasted token", [{ send: "hf_secret\r" }], "hf_secret"],
  ["an Enter that is a line feed", [{ send: "hf_secret\n" }], "hf_secret"],
  ["Ctrl-D on an empty line", [{ send: "\x04" }], ""],
  ["Enter on an empty line", [{ send: "\r" }], ""],
  ["Backspace after é and 日", [{ send: "aé日\x7f\x7fb\r" }], "ab"],
  ["Ctrl-U", [{ send: "wrong\x15right\r" }], "right"],
  ["Ctrl-W", [{ send: "one two\x17three\r" }], "one three"],
  ["arrow keys", [{ send: "ab\x1b[D\x1b[A\x1bOCc\r" }], "abc"],
  ["bracketed paste", [{ send: "\x1b[200~hf_PASTE\x1b[201~\r" }], "hf_PASTE"],
  ["5000 pasted characters", [{ send: long + "\r" }], long],
  ["a character cut between two reads", [
    { sendBase64: btoa("\xe6\x97") },
    { pause: 0.1 },
    { sendBase64: btoa("\xa5\r") },
  ], "日"],
];

for (const [what, steps, text] of ROWS) {
  Deno.test({
    ...needs(`askInTerminal() reads ${what} on a real terminal, showing none of it`, "python3"),
    async fn() {
      const result = await onPty(run(), [{ expect: "Token: " }, { flags: true }, ...steps, {
        expect: "got",
      }]);
      assert.equal(result.failed, null);
      assert.equal(result.noted[0]?.echo, false);
      assert.deepEqual(result.after, NORMAL);
      const [before, answer] = result.output.split("got ");
      assert.equal(JSON.parse(answer!.trim()), text);
      assert.equal(before!.replaceAll(PASTE_MODE, "").trim(), "Token:");
    },
  });
}

Deno.test({
  ...needs("askInTerminal() throws at Ctrl-C and puts the terminal back", "python3"),
  async fn() {
    const result = await onPty(run(), [{ expect: "Token: " }, { send: "hf_sec\x03" }]);
    assert.match(result.output, /refused prompt-interrupted/);
    assert.equal(result.code, 0);
    assert.deepEqual(result.after, NORMAL);
  },
});

for (const signal of ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const) {
  Deno.test({
    ...needs(`askInTerminal() puts the terminal back when ${signal} ends the process`, "python3"),
    async fn() {
      const result = await onPty(run(), [
        { expect: "Token: " },
        { send: "hf_secret" },
        { pause: 0.05 },
        { flags: true },
        { signal },
      ]);
      assert.equal(result.noted[0]?.echo, false);
      assert.equal(result.signal, signal);
      assert.deepEqual(result.after, NORMAL);
      assert.ok(!result.output.includes("hf_secret"));
    },
  });
}

Deno.test({
  ...needs("askInTerminal() puts the terminal back when Deno.exit() is called", "python3"),
  async fn() {
    const result = await onPty(run("--exit-soon"), [{ expect: "Token: " }]);
    assert.equal(result.code, 7);
    assert.deepEqual(result.after, NORMAL);
  },
});

for (const flag of ["--throw-soon", "--reject-soon"]) {
  Deno.test({
    ...needs(
      `askInTerminal() puts the terminal back when something else fails (${flag})`,
      "python3",
    ),
    async fn() {
      const result = await onPty(run(flag), [{ expect: "Token: " }]);
      assert.equal(result.code, 1);
      assert.match(result.output, /elsewhere/);
      assert.deepEqual(result.after, NORMAL);
    },
  });
}

Deno.test({
  ...needs("askInTerminal() asks at the terminal although input and output are files", "python3"),
  async fn() {
    const result = await onPty(run(), [{ expect: "Token: " }, { send: "hf_secret\r" }], {
      stdin: "not this\n",
      stdoutPiped: true,
    });
    assert.equal(result.stdout, 'got "hf_secret"\n');
  },
});

Deno.test({
  ...needs("askInTerminal() shows what is typed when it is no secret", "python3"),
  async fn() {
    const result = await onPty(run("--echo"), [{ expect: "Token: " }, { send: "yes" }, {
      expect: "yes",
    }, { send: "\r" }]);
    assert.equal(result.failed, null);
    assert.match(result.output, /got "yes"/);
  },
});

for (const [what, input] of [["a pipe", "piped"], ["/dev/null", "null"]] as const) {
  Deno.test({
    ...needs(`askInTerminal() gives null when there is no terminal but ${what}`, "setsid"),
    async fn() {
      const child = new Deno.Command("setsid", {
        args: ["--wait", ...run()],
        stdin: input,
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      if (input === "piped") {
        const writer = child.stdin.getWriter();
        await writer.write(new TextEncoder().encode("hf_secret\n"));
        await writer.close();
      }
      const { stdout } = await child.output();
      assert.equal(new TextDecoder().decode(stdout), "got null\n");
    },
  });
}

Deno.test("askInTerminal() puts the terminal back when reading fails", async () => {
  const calls: unknown[] = [];
  await assert.rejects(
    askInTerminal("Token: ", {
      open: () => ({
        read: () => Promise.reject(new Deno.errors.Interrupted("x")),
        write: () => {},
        setRaw: (raw) => void calls.push(raw),
        close: () => void calls.push("closed"),
      }),
    }),
    Deno.errors.Interrupted,
  );
  assert.deepEqual(calls, [true, false, "closed"]);
});

Deno.test("askInTerminal() refuses a line that is too long for a token", async () => {
  const bytes = new TextEncoder().encode("x".repeat(9000) + "\r");
  let at = 0;
  await assert.rejects(
    askInTerminal("Token: ", {
      open: () => ({
        read: (buffer) => {
          const part = bytes.subarray(at, at += buffer.length);
          buffer.set(part);
          return Promise.resolve(part.length);
        },
        write: () => {},
        setRaw: () => {},
        close: () => {},
      }),
    }),
    (error: unknown) => error instanceof PromptError && error.code === "prompt-too-long",
  );
});
