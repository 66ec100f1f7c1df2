/** What a benchmark reports, and how it measures whole processes. */

/** One measured figure, compared with another one. */
export interface Row {
  /** What was done, and to how much. */
  readonly work: string;
  /** Median of the runs. */
  readonly median: number;
  /** Smallest and largest run. */
  readonly range: readonly [number, number];
  /** Unit of the figures, such as `ms` or `MiB`. */
  readonly unit: string;
  /** How many runs. */
  readonly runs: number;
  /** What it is compared with, and how many times that the median is: 0.5 is half of it. */
  readonly against?: { readonly what: string; readonly ratio: number };
  /** What is to be reached, in words, and whether it is. */
  readonly reach?: { readonly text: string; readonly met: boolean };
}

/** One table of the report. */
export interface Table {
  /** Its heading. */
  readonly title: string;
  /** Its rows. */
  readonly rows: readonly Row[];
  /** What a reader must know to judge the figures: peers that were missing, what was compared. */
  readonly notes: readonly string[];
}

/** What every table is given. */
export interface BenchOptions {
  /** A folder with notebooks to measure on, instead of the generated corpus. */
  readonly corpus?: string;
  /** Runs of each figure. */
  readonly runs: number;
  /** Windows of 2 s of each race for slots. Default 10; 1,000 take 33 min for each. */
  readonly windows?: number;
}

/** A file in `tables/` exports these two. */
export interface TableModule {
  /** Its name for `--only`. */
  readonly name: string;
  /** Measures. */
  run(options: BenchOptions): Promise<Table>;
}

/** Median and range of figures. */
export function spread(figures: readonly number[]): { median: number; range: [number, number] } {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, range: [sorted[0]!, sorted.at(-1)!] };
}

/** One finished process. */
export interface ProcessRun {
  /** From its start to its end, in milliseconds. */
  readonly ms: number;
  /** Peak resident memory in MiB; NaN where the system does not tell (only Linux does). */
  readonly mib: number;
  /** Its exit code. */
  readonly code: number;
}

/** Peak resident memory of a running process in KiB, or undefined when it is gone. */
function peakKib(pid: number): number | undefined {
  try {
    const match = /^VmHWM:\s+(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
    return match === null ? undefined : Number(match[1]);
  } catch {
    return undefined;
  }
}

/** Runs a program to its end and measures it. With `memory`, its peak is read every 3 ms. */
export async function runProcess(
  command: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; memory?: boolean } = {},
): Promise<ProcessRun> {
  const { memory = false, ...rest } = options;
  const begin = performance.now();
  const child = new Deno.Command(command[0]!, {
    args: command.slice(1),
    stdin: "null",
    stdout: "null",
    stderr: "null",
    ...rest,
  }).spawn();
  let kib = NaN;
  const timer = memory ? setInterval(() => kib = peakKib(child.pid) ?? kib, 3) : undefined;
  const { code } = await child.status;
  const ms = performance.now() - begin;
  clearInterval(timer);
  return { ms, mib: kib / 1024, code };
}

/** Whether a program can be started. */
export async function canRun(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" })
      .output();
    return true;
  } catch {
    return false;
  }
}
