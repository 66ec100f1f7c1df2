import assert from "node:assert/strict";
import { format, inspect } from "node:util";
import { Secret } from "../../src/secret/secret.ts";
import { fakeToken, randomText } from "../kit/tokens.ts";

const token = fakeToken(11);
const secret = new Secret(token);
const shown = `Secret(hf_… ${secret.fingerprint})`;

class Holder {
  #inside = secret;
  outside = secret;
  get both() {
    return [this.#inside, this.outside];
  }
}

/** Everything a program can do to a value to see it, short of asking for it. */
const WAYS: Readonly<Record<string, () => unknown>> = {
  "String()": () => String(secret),
  "template string": () => `${secret}`,
  "concatenation": () => "" + (secret as unknown as string),
  "join": () => [secret, secret].join(),
  "JSON.stringify": () => JSON.stringify({ secret, list: [secret] }, null, 2),
  "Deno.inspect": () => Deno.inspect(secret),
  "Deno.inspect showHidden, nested": () =>
    Deno.inspect({ a: { b: new Holder() } }, {
      showHidden: true,
      depth: 99,
      getters: true,
    } as Deno.InspectOptions),
  "Deno.inspect of its bare prototype chain": () =>
    Deno.inspect(Object.getPrototypeOf(secret), { showHidden: true } as Deno.InspectOptions),
  "node:util inspect": () =>
    inspect({ secret }, { showHidden: true, getters: true, showProxy: true }),
  "node:util format": () => format("%s %j %o %O %d", secret, secret, secret, secret, secret),
  "Jupyter.display": () =>
    JSON.stringify(
      (secret as unknown as Record<symbol, () => unknown>)[Symbol.for("Jupyter.display")]!(),
    ),
  "entries": () => JSON.stringify([Object.entries(secret), Reflect.ownKeys(secret)]),
  "spread": () => Deno.inspect({ ...secret }),
  "structuredClone": () => Deno.inspect(structuredClone(secret), { depth: 9 }),
  "for in": () => {
    const keys: string[] = [];
    for (const key in secret) keys.push(key);
    return keys.join();
  },
  "error message": () => new Error(`bad ${secret}`).stack,
  "Error cause": () => Deno.inspect(new Error("bad", { cause: secret })),
  "URL": () => new URL("https://huggingface.co/?t=" + secret).href,
  "encodeURIComponent": () => encodeURIComponent(secret as unknown as string),
  "Headers": () => {
    try {
      return [...new Headers({ a: secret as unknown as string })].join();
    } catch (error) {
      return String(error);
    }
  },
  "FormData": () => {
    const form = new FormData();
    form.set("a", secret as unknown as string);
    return form.get("a");
  },
  "Number": () => String(Number(secret as unknown as string)),
  "source of the class": () => Secret.toString(),
  "another copy of the module's methods": () => {
    const fake = Object.create(Secret.prototype);
    try {
      return fake.reveal();
    } catch (error) {
      return Deno.inspect(error);
    }
  },
  "assertion failure": () => {
    try {
      assert.deepEqual(secret, { value: "x" });
    } catch (error) {
      return Deno.inspect(error);
    }
    return "";
  },
};

for (const [way, look] of Object.entries(WAYS)) {
  Deno.test(`Secret shows no part of its value through ${way}`, () => {
    const seen = String(look());
    for (let at = 3; at + 6 <= token.length; at++) {
      assert.ok(!seen.includes(token.slice(at, at + 6)), `${way} shows characters from ${at} on`);
    }
  });
}

Deno.test("Secret shows kind and fingerprint where it is printed", () => {
  assert.equal(String(secret), shown);
  assert.equal(Deno.inspect(secret), shown);
  assert.equal(JSON.stringify(secret), JSON.stringify(shown));
  assert.equal(inspect(secret), shown);
  assert.match(shown, /^Secret\(hf_… [0-9a-f]{12}\)$/);
});

Deno.test("Secret tells its kind by its value, unless told", () => {
  const kinds = {
    user: token,
    oauth: ["hf", "oauth", randomText(30, 1)].join("_"),
    unknown: ["hf", randomText(40, 1)].join("_"),
    other: "correct horse",
  };
  for (const [kind, value] of Object.entries(kinds)) assert.equal(new Secret(value).kind, kind);
  assert.equal(new Secret(token, { kind: "other" }).kind, "other");
  assert.equal(String(new Secret("correct horse")).slice(0, 9), "Secret(… ");
});

Deno.test("Secret.reveal() gives the value and tells the listener first", () => {
  const told: string[] = [];
  const listened = new Secret(token, { onReveal: (one) => told.push(one.fingerprint) });
  assert.equal(told.length, 0);
  assert.equal(listened.reveal(), token);
  assert.deepEqual(told, [listened.fingerprint]);
});

Deno.test("Secret.reveal() gives nothing when the listener throws", () => {
  const refused = new Secret(token, {
    onReveal: () => {
      throw new RangeError("not recorded");
    },
  });
  assert.throws(() => refused.reveal(), RangeError);
});

Deno.test("Secret cannot be changed or given other methods", () => {
  assert.throws(() => Object.assign(secret, { toString: () => "x" }), TypeError);
});

Deno.test("Secret refuses an empty or missing value", () => {
  for (const value of ["", undefined, null, 3]) {
    assert.throws(() => new Secret(value as string), TypeError);
  }
});
