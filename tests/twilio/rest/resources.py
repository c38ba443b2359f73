"""A good part of the REST API with the stock helper library for Python, and tokens that it mints."""

import json
import os
import urllib.error
import urllib.request

from twilio.base.exceptions import TwilioRestException
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import ChatGrant
from twilio.rest import Client

STAGE = json.loads(os.environ["CONFAB_STAGE"])
KEY = STAGE["key"]


def client():
    """The stock client. Its base address is the one thing that a program changes."""
    made = Client(KEY["key_sid"], KEY["secret"], KEY["account_sid"])
    made.conversations.base_url = STAGE["base"]
    return made


def refused(call, status, code):
    """Fails unless a call is refused with a status and a number of Twilio's."""
    try:
        call()
    except TwilioRestException as error:
        assert (error.status, error.code) == (status, code), error
        return
    raise AssertionError(f"not refused with {status} and {code}")


def chat(api, name):
    """Everything that a back end does with a conversation."""
    talk = api.conversations.create(friendly_name="Plans", unique_name=name, attributes='{"a": 1}')
    assert api.conversations(name).fetch().sid == talk.sid
    assert any(row.sid == talk.sid for row in api.conversations.list(page_size=2))
    assert api.conversations(talk.sid).update(friendly_name="Better").friendly_name == "Better"
    refused(lambda: api.conversations.create(unique_name=name), 409, 50353)

    ana = api.conversations(talk.sid).participants.create(identity=f"Ana of {name}")
    assert api.conversations(talk.sid).participants(ana.sid).fetch().identity == ana.identity
    assert [row.sid for row in api.conversations(talk.sid).participants.list()] == [ana.sid]
    messages = api.conversations(talk.sid).messages
    said = [messages.create(author=ana.identity, body=f"number {number}") for number in range(5)]
    assert [row.index for row in messages.list(page_size=2)] == [0, 1, 2, 3, 4]
    assert [row.index for row in messages.list(order="desc", limit=2)] == [4, 3]
    assert messages(said[0].sid).update(body="changed").body == "changed"
    assert messages(said[1].sid).delete() is True
    refused(lambda: messages(said[1].sid).fetch(), 404, 50500)

    own = api.users(ana.identity).user_conversations(talk.sid)
    assert own.update(last_read_message_index=3, notification_level="muted").unread_messages_count == 0
    assert len(api.participant_conversations.list(identity=ana.identity)) == 1
    assert api.conversations(talk.sid).participants(ana.sid).delete() is True
    hook = api.conversations(talk.sid).webhooks.create(
        target="webhook", configuration_url="https://hooks.example.org/", configuration_filters=["onMessageAdded"]
    )
    assert hook.configuration["filters"] == ["onMessageAdded"]
    assert api.conversations(talk.sid).webhooks(hook.sid).delete() is True
    assert api.conversations(talk.sid).delete() is True
    refused(lambda: api.conversations(talk.sid).fetch(), 404, 50350)


def people(api, name):
    """Users and roles."""
    user = api.users.create(identity=name, friendly_name="Clara")
    assert api.users(name).update(friendly_name="Clara L.").friendly_name == "Clara L."
    assert any(row.sid == user.sid for row in api.users.list())
    assert api.users(user.sid).delete() is True
    role = api.roles.create(friendly_name="guest", type="conversation", permission=["sendMessage"])
    assert api.roles(role.sid).update(permission=["leaveConversation"]).permissions == ["leaveConversation"]
    assert api.roles(role.sid).delete() is True


def settings(root):
    """The service and its configuration."""
    service = root.services(KEY["service_sid"])
    assert [row.sid for row in root.services.list()] == [service.fetch().sid]
    assert root.configuration().fetch().default_chat_service_sid == KEY["service_sid"]
    assert service.configuration().update(reachability_enabled=True).reachability_enabled is True
    assert root.configuration.webhooks().fetch().method == "POST"


def tokens():
    """A person comes in with a token, and is kept out with one that was signed with another secret."""
    url = f"{STAGE['base']}/v1/Services/{KEY['service_sid']}/Media"

    def upload(secret):
        token = AccessToken(KEY["account_sid"], KEY["key_sid"], secret, identity="Dora", ttl=600)
        token.add_grant(ChatGrant(service_sid=KEY["service_sid"]))
        headers = {"X-Twilio-Token": token.to_jwt(), "Content-Type": "text/plain"}
        return urllib.request.urlopen(urllib.request.Request(url, b"a note", headers))

    assert upload(KEY["secret"]).status in (200, 201)
    try:
        upload("guessed")
    except urllib.error.HTTPError as error:
        assert (error.code, json.load(error)["code"]) == (401, 20101)
        return
    raise AssertionError("let in")


ROOT = client().conversations.v1
for place, api in {"account": ROOT, "service": ROOT.services(KEY["service_sid"])}.items():
    chat(api, f"by the {place}")
    people(api, f"Clara by the {place}")
settings(ROOT)
tokens()
print("done")
