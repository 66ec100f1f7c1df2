/**
 * Showing a person a link and a code, and asking the Hub until they have confirmed it (RFC 8628).
 *
 * @module
 */

import { PromptError, SourceError } from "../errors.ts";
import { sleepMs } from "../state/lock.ts";
import type { DeviceSignInOptions } from "./device_sign_in.ts";
import {
  askDeviceCode,
  askTokens,
  type DeviceCode,
  type GrantedTokens,
  type OAuthApplication,
} from "./oauth.ts";
import type { Person } from "./person.ts";
import { recordSignIn } from "./sign_in_store.ts";
import type { SourceContext } from "./source.ts";

/** RFC 8628, 3.5: what `slow_down` adds to the pause, in ms. */
const SLOW_DOWN_MS = 5_000;

/**
 * Signs in.
 *
 * @param options The rights asked for.
 * @param application Who asks whom.
 * @param context Where it is recorded, what is masked.
 * @param person Who is shown the code.
 * @returns What the Hub granted.
 * @throws {PromptError} `prompt-declined` if they declined, or the code's time is over.
 * @throws {SourceError} If the Hub refuses the application, or cannot be asked for a code.
 */
export async function signIn(
  options: DeviceSignInOptions,
  application: OAuthApplication,
  context: SourceContext,
  person: Person,
): Promise<GrantedTokens> {
  const code = await askDeviceCode(application, options.scope ?? "openid profile inference-api");
  const link = code.verificationUriComplete ?? code.verificationUri;
  person.tell(
    `Sign in to Hugging Face: open ${link} in a browser and confirm the code ${
      printable(code.userCode)
    }`,
  );
  const granted = await poll(code, options, application);
  context.protect?.(granted.accessToken);
  if (granted.refreshToken !== undefined) context.protect?.(granted.refreshToken);
  await recordSignIn(context, person.place, granted.accessToken);
  return granted;
}

/** The server's text is shown to a person: no control characters, no line of its own. */
function printable(code: string): string {
  return code.replace(/[^\w-]/gu, "?").slice(0, 40);
}

/**
 * Asks until the person has decided (RFC 8628, 3.5). The time is what was waited, not what the
 * clock says: it may be set meanwhile, and the Hub says so itself when a code's time is over.
 */
async function poll(
  code: DeviceCode,
  options: DeviceSignInOptions,
  application: OAuthApplication,
): Promise<GrantedTokens> {
  const { sleep = sleepMs } = options;
  let pause = code.intervalMs;
  for (let waited = 0; waited < code.lifetimeMs;) {
    await sleep(pause, application.signal);
    waited += pause;
    let answer;
    try {
      answer = await askTokens(application, {
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: code.deviceCode,
      });
    } catch (error) {
      // A lost connection or a failing server is no decision of the person: ask again, more slowly.
      const passing = error instanceof SourceError &&
        /^source-(?:unreachable|timeout|failed|throttled)$/u.test(error.code);
      if (!passing) throw error;
      pause += SLOW_DOWN_MS;
      continue;
    }
    if (!("error" in answer)) return answer;
    if (answer.error === "authorization_pending") continue;
    if (answer.error === "expired_token" || answer.error === "invalid_grant") break;
    if (!answer.passing) throw refused(answer.error, application);
    pause += SLOW_DOWN_MS;
  }
  throw new PromptError(
    "prompt-declined",
    "Stopped signing in: the code was not confirmed in time. Run the cell again for a new one",
  );
}

function refused(error: string, { endpoint }: OAuthApplication): Error {
  return error === "access_denied"
    ? new PromptError("prompt-declined", "Stopped signing in: it was declined in the browser")
    : new SourceError(
      "source-denied",
      `Cannot sign in at ${endpoint.host}: the Hub refuses this application (${error}); check \`clientId\``,
    );
}
