import assert from "node:assert/strict";
import { outputText } from "../../src/kernel/outputs.ts";
import { runDeno, sourceUrl } from "../kit/child.ts";
import { printed, sharedKernel, startKernel } from "../kit/kernel.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const kernel = sharedKernel();

/** Whether a process still exists. */
async function exists(pid: number): Promise<boolean> {
  try {
    // A zombie has ended; only its parent has not asked yet.
    return (await Deno.readTextFile(`/proc/${pid}/stat`)).split(" ")[2] !== "Z";
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && await exists(pid); i++) {
    await new Promise((done) => setTimeout(done, 20));
  }
  return !await exists(pid);
}

Deno.test("execute() collects streams, the result and its number", async () => {
  const { status, outputs, executionCount } = await kernel().execute(
    `console.log("one"); console.log("two"); console.error("bad"); ({ a: 1 })`,
  );
  assert.equal(status, "ok");
  assert.deepEqual(outputs, [
    { output_type: "stream", name: "stdout", text: "one\ntwo\n" },
    { output_type: "stream", name: "stderr", text: "bad\n" },
    {
      output_type: "execute_result",
      execution_count: executionCount,
      data: { "text/plain": "{ a: 1 }" },
      metadata: {},
    },
  ]);
});

Deno.test("execute() reports the error of a cell with name, message and stack", async () => {
  const { status, outputs, error } = await kernel().execute(
    `throw new RangeError("too far")`,
  );
  assert.equal(status, "error");
  assert.equal(error?.name, "RangeError");
  assert.equal(error?.message, "too far");
  assert.match(error?.stack ?? "", /RangeError: too far\n\s+at /);
  assert.equal(outputs[0]?.output_type, "error");
});

Deno.test("execute() loses nothing of a noisy cell and nothing moves to the next cell", async () => {
  const { outputs } = await kernel().execute(
    `for (let i = 0; i < 1500; i++) console.log("line " + i); "end"`,
  );
  const [stream, result] = outputs;
  assert.equal(stream?.output_type === "stream" && stream.text.split("\n").length, 1501);
  assert.equal(result?.output_type, "execute_result");
  assert.equal(outputs.length, 2);
  assert.deepEqual((await kernel().execute(`undefined`)).outputs, []);
});

Deno.test("execute() attributes what a cell puts out after its end to that cell", async () => {
  const { outputs } = await kernel().execute(`setTimeout(() => console.log("late"), 1000); 1`);
  for (let i = 0; i < 200 && outputs.length < 2; i++) {
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.equal(outputText(outputs), "1\nlate\n");
});

Deno.test("execute() does not wait for a timer that a cell has left running", async () => {
  const begin = performance.now();
  const { status, outputs } = await kernel().execute(
    `var ticks = setInterval(() => console.log("tick"), 5); "end"`,
  );
  assert.equal(status, "ok");
  assert.ok(performance.now() - begin < 10_000);
  assert.match(outputText(outputs), /end/);
  await printed(kernel(), `clearInterval(ticks)`);
});

Deno.test("execute() updates an output of an earlier cell by its display_id", async () => {
  const first = await kernel().execute(
    `await Deno.jupyter.display({ "text/plain": "old" }, { raw: true, display_id: "x" })`,
  );
  const second = await kernel().execute(
    `await Deno.jupyter.display({ "text/plain": "new" }, { raw: true, display_id: "x", update: true })`,
  );
  assert.equal(outputText(first.outputs), "new\n");
  assert.deepEqual(second.outputs, []);
});

Deno.test("execute() answers prompt and confirm through the callback", async () => {
  const asked: unknown[] = [];
  const text = await printed(
    kernel(),
    `[prompt("Who?", "", { password: true } as never), confirm("Sure?"), prompt("Age")].join()`,
    {
      input: (request) => {
        asked.push(request);
        return ["Ada", "y", null][asked.length - 1]!;
      },
    },
  );
  assert.match(text, /Ada,true,/);
  assert.deepEqual(asked, [
    { prompt: "Who?", password: true },
    { prompt: "Sure? [y/N] ", password: false },
    { prompt: "Age", password: false },
  ]);
});

Deno.test("execute() makes prompt return null at once when no callback is given", async () => {
  assert.match(await printed(kernel(), `String(prompt("Who?", "nobody"))`), /^"null"\n$/);
});

Deno.test("execute() interrupts a cell at its time limit and the kernel lives on", async () => {
  const { status } = await kernel().execute(`while (true);`, { timeoutMs: 1500, graceMs: 30_000 });
  assert.equal(status, "timeout");
  assert.equal(await printed(kernel(), "6 * 7"), "42\n");
});

Deno.test("execute() unblocks a question that nobody answers at the time limit", async () => {
  const { status } = await kernel().execute(`prompt("Who?")`, {
    timeoutMs: 1500,
    graceMs: 30_000,
    input: () => new Promise<string>(() => {}),
  });
  assert.equal(status, "timeout");
  assert.equal(await printed(kernel(), "6 * 7"), "42\n");
});

Deno.test("execute() stops when its signal is aborted", async () => {
  const abort = new AbortController();
  const { status } = await kernel().execute(`console.log("in"); while (true);`, {
    signal: abort.signal,
    onMessage: ({ header }) => header.msg_type === "stream" && abort.abort(),
    graceMs: 30_000,
  });
  assert.equal(status, "interrupted");
});

Deno.test("execute() runs cells one after the other", async () => {
  const results = await Promise.all([1, 2, 3].map((i) => printed(kernel(), `${i}`)));
  assert.deepEqual(results, ["1\n", "2\n", "3\n"]);
});

Deno.test("execute() passes comm messages with buffers to onMessage", async () => {
  const buffers: number[][] = [];
  await kernel().execute(
    `Deno.jupyter.broadcast("comm_msg", { comm_id: "c", data: {} }, { buffers: [new Uint8Array([1, 2, 255])] })`,
    { onMessage: (message) => buffers.push(...message.buffers.map((buffer) => [...buffer])) },
  );
  assert.deepEqual(buffers, [[1, 2, 255]]);
});

Deno.test("start() passes environment and folder on", async () => {
  using folder = temporaryFolder();
  await using own = await startKernel({ cwd: folder.path, env: { COLOUR: "green" } });
  const text = await printed(own, `console.log(Deno.env.get("COLOUR"), Deno.cwd())`);
  assert.equal(text, `green ${folder.path}\n`);
  assert.equal(own.languageInfo.name, "typescript");
});

Deno.test("start() fails with what to do when the program or the folder is missing", async () => {
  await assert.rejects(startKernel({ deno: "/nowhere/deno" }), { code: "kernel-start" });
  await assert.rejects(startKernel({ cwd: "/nowhere" }), { code: "kernel-start" });
});

Deno.test("start() fails when the kernel does not answer in time, and leaves nothing", async () => {
  using folder = temporaryFolder();
  const program = `${folder.path}/slow`;
  await Deno.writeTextFile(program, `#!/bin/sh\necho $$ >${folder.path}/pid\nexec sleep 60\n`, {
    mode: 0o755,
  });
  await assert.rejects(startKernel({ deno: program, startTimeoutMs: 2000 }), {
    code: "kernel-start",
    message: /did not answer in time/,
  });
  assert.ok(await gone(Number(await Deno.readTextFile(`${folder.path}/pid`))));
});

Deno.test("execute() notices that the kernel died and keeps what it had put out", async () => {
  const own = await startKernel();
  const { status, outputs } = await own.execute(`console.log("before"); await new Promise((r) =>
    setTimeout(r, 1000)); Deno.exit(3)`);
  assert.equal(status, "dead");
  assert.equal(outputText(outputs), "before\n");
  await assert.rejects(own.execute("1"), { code: "kernel-dead" });
  await own.shutdown();
});

Deno.test("execute() kills the kernel when a pending await outlives the time limit", async () => {
  await using own = await startKernel();
  const { status } = await own.execute(`await new Promise(() => {})`, {
    timeoutMs: 100,
    graceMs: 100,
  });
  assert.equal(status, "timeout");
  assert.equal(own.alive, false);
});

Deno.test("shutdown() also ends what a cell had started", async () => {
  const own = await startKernel();
  const pid = Number(
    await printed(own, `new Deno.Command("sleep", { args: ["60"] }).spawn().pid`),
  );
  assert.ok(await exists(pid));
  await own.shutdown();
  assert.ok(await gone(pid));
  await assert.rejects(own.execute("1"), { code: "kernel-closed" });
});

Deno.test("the kernel ends when the process that started it is killed with SIGKILL", async () => {
  const script = `import { Kernel } from "${new URL(
    "../../src/kernel/client.ts",
    import.meta.url,
  )}";
    const kernel = await Kernel.start();
    const { outputs } = await kernel.execute("Deno.pid");
    console.log(outputs[0].data["text/plain"]);
    await new Promise(() => {});`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--ext=ts", "-"],
    stdin: "piped",
    stdout: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  let text = "";
  for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.includes("\n")) break;
  }
  const pid = Number(text);
  assert.ok(await exists(pid));
  child.kill("SIGKILL");
  await child.status;
  assert.ok(await gone(pid));
});

Deno.test("the connection file is gone once the kernel has started", async () => {
  using folder = temporaryFolder();
  // In a process of its own: TMPDIR holds for every test that runs beside this one.
  const code = `
    import { Kernel } from ${JSON.stringify(sourceUrl("src/kernel/client.ts"))};
    await using own = await Kernel.start();
    const left = await Array.fromAsync(Deno.readDir(${JSON.stringify(folder.path)}));
    console.log(own.alive, left.length);
  `;
  const { stdout, stderr } = await runDeno(code, { env: { TMPDIR: folder.path } });
  assert.equal(stdout, "true 0\n", stderr);
});
