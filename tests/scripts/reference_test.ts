import assert from "node:assert/strict";
import {
  AuditLog,
  createBudget,
  createLimiter,
  Lockout,
  pseudonym,
  saveToken,
  verifyToken,
} from "hushbook";
import { SET_BY_PROGRAMS, VARIABLES } from "../../scripts/reference/environment.ts";
import { FILES } from "../../scripts/reference/files.ts";
import { REFERENCE, reference } from "../../scripts/reference.ts";
import { Secret } from "../../src/secret/secret.ts";
import { isDue } from "../../src/token/daily.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const ROOT = new URL("../../", import.meta.url);

/** Upper-case strings of the code that are no environment variables. */
const OTHER_NAMES = new Set([
  "MERGE_HEAD", // files of git
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "O_APPEND", // a flag of open(2)
  "IN_PROGRESS", // states of a provider's queue
  "IN_QUEUE",
  "REQUEST_SEND_ERROR", // codes of Azure's SDK
  "PARSE_ERROR",
  "PROVIDERS_OR_POLICIES", // a marker of the Hub's client
]);

async function* sources(folder: URL): AsyncGenerator<[string, string]> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (/\.(?:ts|js)$|^pre-commit$/.test(name)) {
      yield [name, await Deno.readTextFile(new URL(name, folder))];
    }
  }
}

Deno.test("REFERENCE.md is what the code says; if not, run: deno task reference", async () => {
  assert.equal(await Deno.readTextFile(REFERENCE), await reference());
});

Deno.test("every environment variable that the code or a task names is in the reference", async () => {
  const known = new Set([...VARIABLES, ...SET_BY_PROGRAMS].map(({ name }) => name));
  const missing = new Set<string>();
  const named = new Set<string>();
  const note = (name: string, where: string) => {
    named.add(name);
    if (!known.has(name) && !OTHER_NAMES.has(name)) missing.add(`${name} (${where})`);
  };
  const texts: [string, string][] = [[
    "deno.json",
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  ]];
  for (const folder of ["src/", "scripts/"]) {
    for await (const source of sources(new URL(folder, ROOT))) texts.push(source);
  }
  for (const [where, text] of texts) {
    if (where === "environment.ts" && text.includes("SET_BY_PROGRAMS")) continue;
    for (const [, name] of text.matchAll(/["'`]([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["'`]/g)) {
      note(name!, where);
    }
    for (const [, name] of text.matchAll(/\benv(?:\.get)?\(\s*["'`]([A-Z][A-Z0-9_]*)["'`]/g)) {
      note(name!, where);
    }
    for (const [, name] of text.matchAll(/process\.env\.([A-Z][A-Z0-9_]*)/g)) note(name!, where);
    for (const [, list] of text.matchAll(/--allow-env=([A-Z0-9_,]+)/g)) {
      for (const name of list!.split(",").filter(Boolean)) note(name, where);
    }
  }
  assert.deepEqual([...missing], []);
  assert.ok(named.has("HF_TOKEN") && named.has("HUSHBOOK_HOME"), "the search finds what is there");
  // And the other way round: nothing is listed that no source mentions any more.
  const all =
    texts.filter(([where]) => where !== "environment.ts").map(([, text]) => text).join("\n") +
    await Deno.readTextFile(new URL("src/token/environment.ts", ROOT));
  assert.deepEqual([...known].filter((name) => !new RegExp(`\\b${name}\\b`).test(all)), []);
});

Deno.test("every file that hushbook keeps is in the reference", async () => {
  using folder = temporaryFolder();
  const home = `${folder.path}/hushbook`;
  const env = (name: string) => ({ HUSHBOOK_HOME: home, HOME: folder.path })[name];
  const secret = new Secret(fakeToken(41));
  await saveToken(secret, { folder: home, env, mode: "machine", person: null });
  using limiter = createLimiter({ folder: home });
  (await limiter.acquire()).release();
  const budget = createBudget({ folder: home, tokens: { perDay: 100 } });
  await (await budget.reserve({ inputTokens: 1, maxTokens: 1 })).settle();
  await new Lockout({ folder: home }).fail("store");
  await pseudonym("person@example.org", { folder: home });
  await new AuditLog({ folder: home }).append({ event: "token.load", outcome: "ok" });
  await verifyToken(secret, {
    folder: home,
    env,
    fetch: () =>
      Promise.resolve(Response.json({ name: "person", type: "user", auth: { accessToken: {} } })),
  });
  await isDue("test", { folder: home });

  const kept: string[] = [];
  const list = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${home}/${path}`)) {
      kept.push(`${path}${name}`);
      if (isDirectory) list(`${path}${name}/`);
    }
  };
  list("");
  assert.deepEqual(kept.filter((path) => !FILES.some(({ pattern }) => pattern.test(path))), []);
  const unseen = FILES.filter(({ pattern }) => !kept.some((path) => pattern.test(path)))
    .map(({ name }) => name);
  // Those need a long log, a killed writer, and a person with a browser.
  assert.deepEqual(unseen, ["sign-in/", "audit.000000000001.jsonl", "audit.torn.000000000001"]);
});
