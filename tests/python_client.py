#!/usr/bin/env python3
"""A client of Confab in plain Python, written from docs/protocol.md alone: python_client.py LINK

Two people join by the invite LINK (with two uses, on the loopback); one signs in on a second device, makes a
conversation, sends; the other receives, goes away, comes back and resumes.
"""
import base64, http.client, itertools, json, os, socket, struct, sys, time, uuid


def uuid7() -> str:
    """A client_id: 48 bits of milliseconds, then random bits around version and variant."""
    bits = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    return uuid.UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62).hex


def read_link(link: str) -> dict:
    data = link.split("confab://join/1/")[1]
    return json.loads(base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)))


def post(address: str, path: str, body: dict) -> dict:
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    assert "error" not in answer, answer
    return answer


class Client:
    """One WebSocket. Answers are waited for; pushes that come meanwhile are kept."""

    def __init__(self, address: str, token: str):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        self.file = self.socket.makefile("rb")
        self.ids, self.pushes = itertools.count(1), []
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(f"GET /v1/connect HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        status = self.file.readline()
        assert b" 101 " in status, status
        while self.file.readline().strip():
            pass
        self.hello = self.call("hello", token=token, versions={"min": 1, "max": 1}, client="python")

    def write(self, opcode: int, payload: bytes) -> None:
        size, mask = len(payload), os.urandom(4)
        length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + struct.pack(">H", size)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self.socket.sendall(bytes([0x80 | opcode]) + length + mask + masked)

    def read(self) -> dict:
        """The next text frame; pings of the transport are answered on the way."""
        while True:
            head = self.file.read(2)
            assert len(head) == 2, "the server has gone"
            size = head[1] & 0x7F
            if size >= 126:
                size = int.from_bytes(self.file.read(2 if size == 126 else 8), "big")
            payload = self.file.read(size)
            if head[0] & 0xF == 9:
                self.write(10, payload)
            elif head[0] & 0xF == 1:
                return json.loads(payload)

    def call(self, method: str, **params) -> dict:
        request = next(self.ids)
        self.write(1, json.dumps({"id": request, "method": method, "params": params}).encode())
        while (frame := self.read()).get("id") != request:
            self.pushes.append(frame)
        assert "error" not in frame, (method, frame)
        return frame["result"]

    def push(self, event: str) -> dict:
        """The next push of a kind, of those kept or still to come."""
        while not any(push["event"] == event for push in self.pushes):
            self.pushes.append(self.read())
        return self.pushes.pop(next(at for at, push in enumerate(self.pushes) if push["event"] == event))

    def close(self) -> None:
        self.write(8, b"")
        self.socket.close()


def main() -> None:
    link = read_link(sys.argv[1])
    address, person = link["a"][0], {"password": "seven grey herons", "device_name": "python"}
    for name in ("Ingrid", "Aiko"):
        post(address, "/v1/join", person | {"client_id": uuid7(), "secret": link["s"], "identity": name})
    grants = {name: post(address, "/v1/sign-in", person | {"client_id": uuid7(), "identity": name})
              for name in ("Ingrid", "aiko")}
    ingrid, aiko = (Client(address, grant["access_token"]) for grant in grants.values())

    created = ingrid.call("conversation.create", client_id=uuid7(), friendly_name="From Python")
    conversation = created["summary"]["conversation"]["sid"]
    ingrid.call("participant.add", client_id=uuid7(), conversation=conversation, identity="AIKO")
    aiko.push("state.changed")
    listed = aiko.call("conversation.list")
    assert [row["conversation"]["sid"] for row in listed["summaries"]] == [conversation], listed

    def send(body: str) -> dict:
        ids = {"client_id": uuid7(), "conversation": conversation}
        once, twice = (ingrid.call("message.send", body=body, **ids)["message"] for _ in range(2))
        assert once == twice, "the same client_id is applied once"
        return once

    first = send("Hello from Python, ⚓")
    received = aiko.push("message.added")
    assert received["data"]["body"] == "Hello from Python, ⚓" and received["seq"] == first["seq"], received
    aiko.close()

    later = [send("While you were away"), send("And once more")]
    aiko = Client(address, grants["aiko"]["access_token"])
    assert aiko.hello["epoch"] == listed["epoch"]
    resumed = aiko.call("resume", epoch=listed["epoch"], cursor=listed["cursor"])
    (summary,) = resumed["summaries"]
    assert summary["me"]["unread"] == 3 and summary["conversation"]["version"] == later[-1]["seq"], summary
    missed = aiko.call("event.range", conversation=conversation, after=received["seq"])
    assert [event["data"]["index"] for event in missed["events"]] == [message["index"] for message in later], missed
    assert missed["to"] == later[-1]["seq"] and not missed["more"]
    print("signed in, created, sent, received, resumed")


if __name__ == "__main__":
    main()
