/** A local server that answers as the Hub's OAuth endpoints do (RFC 8628 and RFC 6749). */
export interface StandInSignIn extends AsyncDisposable {
  /** Its address, for `HF_ENDPOINT`. */
  readonly address: string;
  /** What the next questions for a token are answered, in order; then tokens are granted. */
  readonly answers: (string | number | Response)[];
  /** While true, the person has not decided yet. */
  pending: boolean;
  /** Token answers wait for this. */
  hold: Promise<void> | undefined;
  /** Replaces fields of the answer with the device code. */
  device: Record<string, unknown>;
  /** The grant types that were asked for. */
  readonly asked: string[];
  /** The access tokens it granted. */
  readonly granted: string[];
  /** The refresh token that is good now; each is good for one use. */
  refreshToken: string;
}

/** Starts the stand-in on a free port of 127.0.0.1. */
export function standInSignIn(expiresIn = 28_800): StandInSignIn {
  const refusal = (error: string, status = 400) => Response.json({ error }, { status });
  const deviceCode = "device" + "d4".repeat(16);
  const secretOf = (name: string, number: number) =>
    ["hf", "oauth", `${name}${number}`.padEnd(24, "x") + ".part2.part3"].join("_");
  const self: StandInSignIn = {
    address: "",
    answers: [],
    pending: false,
    hold: undefined,
    device: {},
    asked: [],
    granted: [],
    refreshToken: "",
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  const grant = () => {
    const access = secretOf("access", self.granted.push("") - 1);
    self.granted[self.granted.length - 1] = access;
    self.refreshToken = secretOf("_refresh_", self.granted.length);
    return Response.json({
      access_token: access,
      refresh_token: self.refreshToken,
      token_type: "bearer",
      expires_in: expiresIn,
    });
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const form = new URLSearchParams(await request.text());
    if (form.get("client_id") !== "client") return refusal("invalid_client", 401);
    if (pathname === "/oauth/device") {
      self.asked.push(`device ${form.get("scope")}`);
      return Response.json({
        device_code: deviceCode,
        user_code: "WDJB-MJHT",
        verification_uri: "https://huggingface.co/device",
        verification_uri_complete: "https://huggingface.co/device?user_code=WDJB-MJHT",
        expires_in: 900,
        interval: 5,
        ...self.device,
      });
    }
    self.asked.push(form.get("grant_type")?.split(":").at(-1) ?? "");
    await self.hold;
    const answer = self.answers.shift();
    if (typeof answer === "string") return refusal(answer);
    if (typeof answer === "number") return new Response("down", { status: answer });
    if (answer !== undefined) return answer;
    if (form.get("grant_type") === "refresh_token") {
      return form.get("refresh_token") === self.refreshToken ? grant() : refusal("invalid_grant");
    }
    if (self.pending) return refusal("authorization_pending");
    return form.get("device_code") === deviceCode ? grant() : refusal("invalid_grant");
  });
  return Object.assign(self, { address: `http://127.0.0.1:${server.addr.port}` });
}
