import assert from "node:assert/strict";
import fc from "fast-check";
import { FileHome } from "../../src/limits/file_home.ts";
import type { Stamp } from "../../src/limits/home.ts";
import type { Window } from "../../src/limits/window.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { FakeClock } from "./fake_clock.ts";

const WINDOW: Window = { limit: 5, windowMs: 1000 };
const SPAN = 1000 + 25;

/** Homes on one file, each as if in a process of its own. */
class Machine implements Disposable {
  /** Ahead of the real clock, which stamps the files: their past stays believable. */
  readonly clock = new FakeClock(Date.now() + 60_000);
  readonly notices: string[] = [];
  readonly path: string;
  readonly #folder = temporaryFolder();
  readonly #homes: FileHome[] = [];

  constructor() {
    this.path = `${this.#folder.path}/test.ring`;
  }

  home(windows: readonly Window[] = [WINDOW]): FileHome {
    const { clock } = this;
    const home = new FileHome({
      path: this.path,
      windows,
      clocks: { wall: clock.now, steady: clock.steady },
      sleep: clock.sleep,
      onNotice: (notice) => void this.notices.push(notice),
    });
    this.#homes.push(home);
    return home;
  }

  [Symbol.dispose](): void {
    for (const home of this.#homes) home.close();
    this.#folder[Symbol.dispose]();
  }
}

function grants(home: FileHome, wanted: number): number {
  let granted = 0;
  for (let claim = home.claim(wanted, 0); claim.granted > 0;) {
    granted += claim.granted;
    if (granted === wanted) break;
    claim = home.claim(wanted - granted, 0);
  }
  home.leave();
  return granted;
}

Deno.test("FileHome shares one window between processes", () => {
  using machine = new Machine();
  const a = machine.home(), b = machine.home();
  assert.equal(grants(a, 3), 3);
  assert.equal(grants(b, 9), 2);
  assert.equal(grants(a, 1), 0);
});

Deno.test("FileHome says when the next slot is free", async () => {
  using machine = new Machine();
  const a = machine.home(), b = machine.home();
  grants(a, 2);
  await machine.clock.advance(300);
  grants(b, 3);
  const claim = a.claim(1, 0);
  assert.deepEqual(claim, { granted: 0, stamps: [], waitMs: SPAN - 300, reason: "window" });
  assert.equal(a.forecast(3), SPAN);
  await machine.clock.advance(SPAN - 300 - 1);
  assert.equal(grants(a, 1), 0);
  await machine.clock.advance(1);
  assert.equal(grants(a, 3), 2);
});

Deno.test("FileHome writes a file that only its owner can read", () => {
  using machine = new Machine();
  grants(machine.home(), 1);
  assert.equal(Deno.statSync(machine.path).mode! & 0o777, 0o600);
});

Deno.test("FileHome keeps several windows at once", async () => {
  using machine = new Machine();
  const windows = [{ limit: 2, windowMs: 100 }, { limit: 3, windowMs: 10_000 }];
  const home = machine.home(windows);
  assert.equal(grants(home, 9), 2);
  await machine.clock.advance(120);
  assert.equal(grants(home, 9), 1);
  await machine.clock.advance(500);
  assert.equal(grants(home, 9), 0);
  assert.deepEqual((await home.view()).used, [0, 3]);
});

Deno.test("FileHome grows its ring without losing a call when another process needs more", async () => {
  using machine = new Machine();
  const small = machine.home(), large = machine.home([{ limit: 2000, windowMs: 1000 }]);
  assert.equal(grants(small, 4), 4);
  assert.equal(grants(large, 3000), 1996);
  assert.equal(grants(small, 1), 0);
  await machine.clock.advance(SPAN);
  assert.equal(grants(small, 9), 5);
  assert.equal(grants(large, 3000), 1995);
});

Deno.test("FileHome pauses and slows down every process", async () => {
  using machine = new Machine();
  const a = machine.home(), b = machine.home();
  await a.pause(400);
  await a.pause(100); // the longer pause stays
  assert.deepEqual(b.claim(1, 0), { granted: 0, stamps: [], waitMs: 400, reason: "pause" });
  assert.equal((await b.view()).pausedMs, 400);
  await machine.clock.advance(400);
  assert.equal(grants(b, 1), 1);
  await b.pace(200, 500);
  assert.equal(a.claim(1, 0).reason, "pace");
  await machine.clock.advance(200);
  assert.equal(grants(a, 2), 1);
  await machine.clock.advance(300);
  assert.equal(grants(a, 2), 2);
  await b.pause(5000);
  await a.pause(0);
  await machine.clock.advance(700);
  assert.equal(grants(b, 1), 1);
});

Deno.test("FileHome believes no pause longer than an hour", async () => {
  using machine = new Machine();
  const home = machine.home();
  await home.pause(1e15);
  assert.equal((await home.view()).pausedMs, 3_600_000);
});

for (const step of [-3_600_000, -86_400_000 * 400, 3_000_000]) {
  Deno.test(`FileHome keeps the window when the clock steps by ${step} ms`, async () => {
    using machine = new Machine();
    const a = machine.home(), b = machine.home();
    grants(a, 3);
    grants(b, 1);
    await machine.clock.advance(500);
    machine.clock.wallError += step;
    assert.equal(grants(a, 9), 1, "one was left");
    assert.equal(grants(b, 9), 0);
    await machine.clock.advance(SPAN - 501);
    assert.equal(grants(b, 9), 0);
    await machine.clock.advance(1);
    assert.equal(grants(b, 9), 4, "no wait became longer");
    await machine.clock.advance(SPAN - 500);
    assert.equal(grants(a, 9), 1);
  });
}

Deno.test("FileHome waits one window at most when it starts after the clock was put back", async () => {
  using machine = new Machine();
  grants(machine.home(), 5);
  machine.clock.wallError = -7_200_000;
  const late = machine.home();
  assert.equal(late.claim(1, 0).waitMs, SPAN);
  await machine.clock.advance(SPAN);
  assert.equal(grants(late, 9), 5);
});

Deno.test("FileHome frees the window when the machine slept for longer than an hour", () => {
  using machine = new Machine();
  const home = machine.home();
  grants(home, 5);
  machine.clock.wallError += 4_000_000; // the steady clock stands still meanwhile
  assert.equal(grants(home, 9), 5);
});

Deno.test("FileHome ends a pause in time when the clock is put back meanwhile", async () => {
  using machine = new Machine();
  const a = machine.home();
  await a.pause(400);
  machine.clock.wallError = -7_200_000;
  assert.equal((await a.view()).pausedMs, 400);
  const late = machine.home();
  assert.equal((await late.view()).pausedMs, 400);
});

for (
  const [title, damage] of [
    ["holds other text", (path: string) => Deno.writeTextFileSync(path, "not ours ".repeat(500))],
    ["is cut", (path: string) => Deno.truncateSync(path, 700)],
    ["was emptied long ago", (path: string) => Deno.truncateSync(path, 0)],
    ["holds other bytes in its head", (path: string) => {
      using file = Deno.openSync(path, { write: true });
      file.seekSync(40, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array([1, 2, 3, 4]));
    }],
  ] as const
) {
  Deno.test(`FileHome counts the window as full, and recovers, when its file ${title}`, async () => {
    using machine = new Machine();
    const first = machine.home();
    grants(first, 1);
    first.close();
    damage(machine.path);
    // The file system's clock is real; let the damage lie in the fake present.
    const { clock } = machine;
    await Deno.utime(machine.path, clock.now() / 1000, (clock.now() + 500) / 1000);
    await clock.advance(600);
    const home = machine.home();
    const claim = home.claim(1, 0);
    assert.equal(claim.granted, 0);
    assert.equal(claim.waitMs, SPAN - 100);
    assert.match(machine.notices.join(), /^Replaced the damaged limit file .*test\.ring/);
    await clock.advance(SPAN);
    assert.equal(grants(home, 9), 5);
  });
}

Deno.test("FileHome remembers its calls when the file is emptied or deleted meanwhile", async () => {
  using machine = new Machine();
  const home = machine.home();
  grants(home, 4);
  await Deno.truncate(machine.path, 0);
  assert.equal(grants(home, 9), 1);
  await Deno.remove(machine.path);
  await new Promise((resolve) => setTimeout(resolve, 600)); // the lock looks twice a second
  assert.equal(grants(home, 9), 0);
  assert.equal(grants(machine.home(), 9), 0, "and tells the others");
});

Deno.test("FileHome moves a call that went out late, for every process, and loses no slot", async () => {
  using machine = new Machine();
  const a = machine.home(), b = machine.home();
  const [stamp] = a.claim(1, 0).stamps;
  await machine.clock.advance(100);
  assert.equal(grants(b, 9), 4);
  await machine.clock.advance(300);
  await a.move(stamp!); // sent 400 ms after it was recorded
  await machine.clock.advance(SPAN - 300);
  assert.equal(grants(b, 9), 4, "those of b have left the window, that of a has not");
  const late = machine.home();
  assert.equal(late.claim(1, 0).waitMs, 300);
  late.leave();
  await machine.clock.advance(299);
  assert.equal(grants(a, 9) + grants(b, 9), 0);
  await machine.clock.advance(1);
  assert.equal(grants(b, 9), 1);
});

Deno.test("FileHome moves a call wherever it is in the ring, and keeps all others", async () => {
  const windows = [{ limit: 150, windowMs: 10_000 }];
  for (const which of [0, 31, 32, 63, 100, 149]) {
    using machine = new Machine();
    const home = machine.home(windows);
    const stamps: Stamp[] = [];
    while (stamps.length < 150) {
      stamps.push(...home.claim(5, 0).stamps);
      await machine.clock.advance(1);
    }
    await home.move(stamps[which]!);
    const now = machine.clock.now();
    const left = [...stamps.toSpliced(which, 1), now] as number[];
    for (const reader of [home, machine.home(windows)]) {
      assert.deepEqual((await reader.view()).used, [150]);
      const waits = [1, 2, 5, 6, 100, 149, 150].map((place) => reader.forecast(place));
      const expected = [0, 1, 4, 5, 99, 148, 149].map((call) => left[call]! + 10_050 - now);
      assert.deepEqual(waits, expected, `call ${which}`);
    }
  }
});

Deno.test("FileHome changes no time that a process knew when a call is moved after a clock step", async () => {
  using machine = new Machine();
  const a = machine.home(), b = machine.home();
  grants(b, 4);
  const [stamp] = a.claim(1, 0).stamps;
  await machine.clock.advance(200);
  machine.clock.wallError += 3_000_000; // the four look old to whoever reads them anew
  await a.move(stamp!);
  assert.equal(grants(b, 9), 0);
  await machine.clock.advance(SPAN - 201);
  assert.equal(grants(b, 9), 0);
  await machine.clock.advance(1);
  assert.equal(grants(b, 9), 4);
});

Deno.test("FileHome never throws and never admits more than the limit when any byte is changed", () => {
  const change = fc.record({ at: fc.nat(4200), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      using machine = new Machine();
      const home = machine.home();
      grants(home, 3);
      {
        using file = Deno.openSync(machine.path, { write: true });
        for (const { at, byte } of changes) {
          file.seekSync(at, Deno.SeekMode.Start);
          file.writeSync(new Uint8Array([byte]));
        }
      }
      Deno.utimeSync(machine.path, 0, machine.clock.now() / 1000);
      assert.ok(grants(home, 9) <= 2);
    }),
    { numRuns: 60 },
  );
});

Deno.test("FileHome never admits more than the limit when processes come, go, step and pause", async () => {
  const event = fc.record({
    kind: fc.constantFrom("call", "call", "call", "advance", "step", "new", "pause", "late"),
    process: fc.nat(3),
    amount: fc.nat(900),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      using machine = new Machine();
      const homes = [0, 1, 2, 3].map(() => machine.home());
      const stamps: number[] = [];
      const send = async (amount: number, late?: { home: FileHome; stamp: Stamp }) => {
        if (late !== undefined) {
          await machine.clock.advance(amount);
          await late.home.move(late.stamp);
        }
        stamps.push(machine.clock.steady());
      };
      for (const { kind, process, amount } of events) {
        if (kind === "advance") await machine.clock.advance(amount);
        // Backward steps: a forward one cannot be told from time by a process that starts later.
        else if (kind === "step") machine.clock.wallError -= amount * 1000;
        else if (kind === "new") homes[process] = machine.home();
        else if (kind === "pause") await homes[process]!.pause(amount);
        else if (kind === "late") {
          const home = homes[process]!;
          for (const stamp of home.claim(1, 0).stamps) await send(amount, { home, stamp });
        } else {
          const { granted } = homes[process]!.claim(1 + amount % 3, 0);
          for (let i = 0; i < granted; i++) await send(0);
        }
      }
      for (const start of stamps) {
        const inWindow = stamps.filter((time) => time >= start && time < start + SPAN);
        assert.ok(inWindow.length <= WINDOW.limit);
      }
    }),
    { numRuns: 40 },
  );
});
