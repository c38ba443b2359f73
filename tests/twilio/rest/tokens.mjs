// Access tokens that the stock library mints: a person comes in with each kind, and is kept out with a wrong one.

import { assert, client, play, stage, twilio } from "./stage.mjs";

const { AccessToken } = twilio.jwt;
const media = `${stage.base}/v1/Services/${stage.key.service_sid}/Media`;

function mint({ identity = "Ana", algorithm = "HS256", key = stage.key, service = key.service_sid, ttl = 3600, ...more } = {}) {
  const token = new AccessToken(key.account_sid, key.key_sid, key.secret, { identity, ttl, ...more });
  if (service) token.addGrant(new AccessToken.ChatGrant({ serviceSid: service }));
  return token.toJwt(algorithm);
}

/** Uploads something as whoever the token is for. */
async function upload(token) {
  const headers = { "x-twilio-token": token, "content-type": "text/plain" };
  const answer = await fetch(`${media}?Filename=note.txt`, { method: "POST", headers, body: "a note" });
  return [answer.status, await answer.json()];
}

async function code(token) {
  const [status, body] = await upload(token);
  assert.equal(status, 401, JSON.stringify(body));
  return body.code;
}

await play({
  async "a token of each algorithm is good, and whoever it names becomes a user"() {
    for (const algorithm of AccessToken.ALGORITHMS) {
      const [status, body] = await upload(mint({ identity: `Ana ${algorithm}`, algorithm }));
      assert.ok(status < 300, JSON.stringify(body));
      assert.equal((await client().conversations.v1.users(`Ana ${algorithm}`).fetch()).identity, `Ana ${algorithm}`);
    }
  },

  async "each way of being wrong has its number"() {
    assert.equal(await code("nonsense"), 20101);
    assert.equal(await code(mint({ key: { ...stage.key, secret: "guessed" } })), 20101);
    assert.equal(await code(mint({ key: { ...stage.key, key_sid: `SK${"0".repeat(32)}` } })), 20103);
    assert.equal(await code(mint({ key: { ...stage.key, account_sid: `AC${"0".repeat(32)}` } })), 20103);
    assert.equal(await code(mint({ ttl: -10 })), 20104);
    assert.equal(await code(mint({ ttl: 25 * 3600 })), 20104);
    assert.equal(await code(mint({ nbf: Math.floor(Date.now() / 1000) + 1800 })), 20105);
    assert.equal(await code(mint({ service: null })), 20106);
    assert.equal(await code(mint({ service: `IS${"0".repeat(32)}` })), 20106);
  },
});
