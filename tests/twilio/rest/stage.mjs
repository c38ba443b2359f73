// What the scripts share: a stock client that is pointed at the server, and a list of steps.

import assert from "node:assert/strict";
import conversations from "@twilio/conversations";
import twilio from "twilio";

export const stage = JSON.parse(process.env.CONFAB_STAGE);
export { assert, twilio };

/** The stock client. Its base address is the one thing that a program changes. */
export function client(key = stage.key) {
  const made = twilio(key.key_sid, key.secret, { accountSid: key.account_sid });
  made.conversations.baseUrl = stage.base;
  return made;
}

/** A stock client of somebody's, with a token that the stock library signs. */
export async function device(identity) {
  const { AccessToken } = twilio.jwt;
  const { account_sid, key_sid, secret, service_sid } = stage.key;
  const token = new AccessToken(account_sid, key_sid, secret, { identity, ttl: 600 });
  token.addGrant(new AccessToken.ChatGrant({ serviceSid: service_sid }));
  const uri = `${stage.base.replace("http", "ws")}/v3/wsconnect`;
  const made = new conversations.Client(token.toJwt(), { Twilsock: { uri } });
  await new Promise((resolve, reject) => {
    made.onWithReplay("initialized", resolve);
    made.onWithReplay("initFailed", ({ error }) => reject(error));
  });
  return made;
}

/** Fails unless a call is refused with a status and a number of Twilio's. */
export async function refused(call, status, code) {
  try {
    await call;
  } catch (error) {
    assert.deepEqual([error.status, error.code], [status, code], error.message);
    assert.ok(error.message, "a refusal says what to do");
    return;
  }
  assert.fail(`not refused with ${status} and ${code}`);
}

/** Waits for something that has to happen. */
export async function until(check, what) {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Runs steps in order and says which one broke. */
export async function play(steps) {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
    } catch (error) {
      console.error(`${name}:`, error);
      process.exit(1);
    }
  }
  console.log("done");
  process.exit(0);
}
