import assert from "node:assert/strict";
import { createOrigins } from "../../src/door/origins.ts";
import { UsageError } from "../../src/errors.ts";

Deno.test("createOrigins() allows the Hub and its subdomains over https on the usual port only", () => {
  const origins = createOrigins();
  const table: Record<string, boolean> = {
    "https://huggingface.co/api": true,
    "https://huggingface.co:443/api": true,
    "https://router.huggingface.co/v1": true,
    "https://a.b.huggingface.co/": true,
    "https://hf.co/x": true,
    "https://HUGGINGFACE.co/": true,
    "http://huggingface.co/": false,
    "https://huggingface.co:8443/": false,
    "https://huggingface.co./": false,
    "https://evilhuggingface.co/": false,
    "https://huggingface.co.evil.example/": false,
    "https://evil.example/huggingface.co": false,
    "https://evil.example/?https://huggingface.co": false,
    "https://huggingface.co@evil.example/": false,
    "https://cas.xethub.hf.co/": false,
    "https://x.endpoints.huggingface.cloud/": false,
    "https://hugginɡface.co/": false, // a Latin small letter script g
    "ftp://huggingface.co/": false,
    "http://127.0.0.1:8080/": false,
    "http://localhost/": false,
    "http://[::1]/": false,
    "https://127.0.0.1/": false,
  };
  for (const [address, allowed] of Object.entries(table)) {
    assert.equal(origins.allows(new URL(address)), allowed, address);
  }
});

Deno.test("createOrigins() allows exactly the origins that are named", () => {
  const origins = createOrigins({
    endpointUrl: "https://abc.endpoints.huggingface.cloud/v1/",
    allowedHosts: ["https://models.example:8443", "http://127.0.0.1:8080", "http://[::1]:9"],
    hubs: { HF_ENDPOINT: "http://localhost:5000/mirror", HF_INFERENCE_ENDPOINT: undefined },
  });
  const table: Record<string, boolean> = {
    "https://abc.endpoints.huggingface.cloud/other": true,
    "https://abd.endpoints.huggingface.cloud/": false,
    "https://models.example:8443/x": true,
    "https://models.example/x": false,
    "https://sub.models.example:8443/x": false,
    "http://models.example:8443/x": false,
    "http://127.0.0.1:8080/": true,
    "http://127.1:8080/": true, // another spelling of the same address
    "http://127.0.0.1:8081/": false,
    "http://127.0.0.2:8080/": false,
    "http://localhost:8080/": false,
    "http://localhost:5000/": true,
    "http://[::1]:9/": true,
    "https://huggingface.co/": true,
  };
  for (const [address, allowed] of Object.entries(table)) {
    assert.equal(origins.allows(new URL(address)), allowed, address);
  }
  assert.ok(origins.isHub(new URL("http://localhost:5000/api")));
  assert.ok(!origins.isHub(new URL("http://127.0.0.1:8080/")));
});

Deno.test("createOrigins() refuses named addresses a token must not go to", () => {
  const table: [Parameters<typeof createOrigins>[0], RegExp][] = [
    [{ endpointUrl: "http://models.example" }, /endpointUrl.*https only/],
    [{ allowedHosts: ["models.example"] }, /allowedHosts.*not a full address/],
    [{ allowedHosts: ["https://models.example/path"] }, /followed by a path/],
    [{ allowedHosts: ["https://user:sesame@models.example"] }, /user name or password/],
    [{ allowedHosts: ["file:///etc/passwd"] }, /https only/],
    [{ hubs: { HF_ENDPOINT: "http://10.0.0.1" } }, /HF_ENDPOINT.*https only/],
    [{ allowedHosts: ["http://127.0.0.1.evil.example"] }, /https only/],
    [{ allowedHosts: ["http://0.0.0.0:8080"] }, /https only/],
  ];
  for (const [options, message] of table) {
    assert.throws(() => createOrigins(options), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("sesame"), "no part of the credentials");
      return true;
    });
  }
});
