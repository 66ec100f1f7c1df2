/** A local server that answers as AWS Secrets Manager does (JSON 1.1 over POST). */
export interface StandInAws extends AsyncDisposable {
  /** Its address, for the SDK's `endpoint`. */
  readonly address: string;
  /** What it keeps, by name. */
  readonly kept: Map<string, string>;
  /** Makes the next answers something else. */
  answer: (() => Response | Promise<Response>) | undefined;
  /** An operation that the policy does not allow. */
  refuse: string | undefined;
  /** The operations that were asked for. */
  readonly asked: string[];
}

/** An error as AWS sends it. */
export function awsError(type: string, status = 400, message = "said by the stand-in"): Response {
  return Response.json({ __type: type, message }, {
    status,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": type },
  });
}

/** Starts the stand-in on a free port of 127.0.0.1. */
export function standInAws(): StandInAws {
  const kept = new Map<string, string>();
  const asked: string[] = [];
  const self: StandInAws = {
    address: "",
    kept,
    asked,
    answer: undefined,
    refuse: undefined,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const operation = request.headers.get("x-amz-target")?.split(".").at(-1) ?? "";
    asked.push(operation);
    const body = await request.json();
    if (operation === self.refuse) return awsError("AccessDeniedException");
    if (self.answer) return await self.answer();
    if (!request.headers.get("authorization")?.startsWith("AWS4-HMAC-SHA256 Credential=")) {
      return awsError("UnrecognizedClientException");
    }
    const text = kept.get(body.SecretId);
    if (text === undefined) return awsError("ResourceNotFoundException");
    const about = { ARN: `arn:aws:secretsmanager:::${body.SecretId}`, Name: body.SecretId };
    if (operation === "GetSecretValue") {
      return Response.json({ ...about, SecretString: text, CreatedDate: 1_759_000_000.5 });
    }
    if (operation !== "PutSecretValue") return awsError("UnknownOperationException");
    kept.set(body.SecretId, body.SecretString);
    return Response.json({ ...about, VersionStages: ["AWSCURRENT"] });
  });
  return Object.assign(self, { address: `http://127.0.0.1:${server.addr.port}` });
}
