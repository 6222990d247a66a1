"""A client of the ROPE protocol (docs/protocol.md, whose sections are named here): calls to a media node, over links that may break."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from frames import BrokenProtocol, Message, decode, encode, runs
from replica import Replica, word_of

ACK_MESSAGES, ACK_BYTES = 128, 64 * 1024  # §3: acknowledged at the latest
QUEUE_BYTES = 8 * 1024 * 1024  # §6: what a client keeps
CONNECT_SECONDS = 10
NEVER_SENT = 2**53 - 1  # §2: "a number that was never sent asks for a snapshot"


class RopeError(Exception):
    """An error of the node's, or of the link to it. `code` is the stable one (`ROPE_OBJECT_NOT_FOUND`), `name` its class over there."""

    def __init__(self, message: str, code: str | None, name: str) -> None:
        super().__init__(message)
        self.code, self.name = code, name

    @staticmethod
    def of(error: dict[str, Any]) -> RopeError:
        data = error.get("data", {})
        return RopeError(error["message"], data.get("code"), data.get("name", "Error"))


class Rope:
    """
    One session with a media node, over however many links.

        open() ─▶ link ─▶ hello, welcome ─▶ snapshot or replay ─▶ connected
                   ▲                                                  │
                   └──────── back-off ◀──────── link broken ──────────┘
    """

    def __init__(self, url: str, *, token: str | None = None, scope: str = "own", owner_id: str | None = None) -> None:
        self.url = url
        self.replica = Replica()
        self.welcome: dict[str, Any] = {}
        self.draining = False
        self.resumes: list[str] = []
        """How each link began: `new`, `replay`, `snapshot`."""
        self._hello = {"protocol": [1, 1], "client": "protocol-client", "scope": scope, "token": token, "ownerId": owner_id}
        self._link: ClientConnection | None = None
        self._destroyed = False
        self._connected = asyncio.Event()
        self._calls: dict[int, tuple[int, asyncio.Future[Any]]] = {}  # by id: the number of its message, and who waits
        self._last_id = 0
        self._forget_session()

    def _forget_session(self) -> None:
        self._session: str | None = None
        self._confused = False  # the node could not be understood
        self._kept: deque[Message] = deque()  # not acknowledged by the node
        self._kept_bytes = 0
        self._last_said = 0
        self._wake = asyncio.Event()
        self._received = 0
        self._acked = 0  # of that, what the node knows we have
        self._unacked_bytes = 0
        self._any_number = False  # after "snapshot" the next frame's number is a new start

    # What an app does

    async def open(self) -> None:
        """Connects, and returns when the replica is complete. Raises what the first attempt failed with."""
        self._task = asyncio.create_task(self._run())
        connected = asyncio.create_task(self._connected.wait())
        await asyncio.wait({self._task, connected}, return_when=asyncio.FIRST_COMPLETED)
        connected.cancel()
        if self._task.done():
            self._task.result()

    async def call(self, method: str, **params: Any) -> Any:
        """Calls a method and waits for its answer, over the next link if this one breaks. Whoever cancels it takes it back."""
        self._last_id += 1
        call_id = self._last_id
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls[call_id] = (self._say({"id": call_id, "method": method, "params": params}), answer)
        try:
            return await answer
        except asyncio.CancelledError:
            if self._calls.pop(call_id, None):
                self.notify("rope.cancel", id=call_id)
            raise

    def notify(self, method: str, **params: Any) -> None:
        """Says what has no answer."""
        self._say({"method": method, "params": params})

    def close_object(self, number: int) -> None:
        """Closes an object here and now, with all below it, and tells the node. Nothing is heard of it any more. May be called twice."""
        if record := self.replica.close(number):
            word = word_of(record)
            self.notify(f"{word}.close", **{word: number})

    async def destroy(self) -> None:
        """Ends the session: the node closes what it made."""
        self._destroyed = True
        if self._link:
            await self._link.close(1000, "destroy")
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def cut(self) -> None:
        """Breaks the TCP connection, as a network does. For trying out what happens then."""
        if self._link:
            self._link.transport.abort()

    # Links (§2)

    async def _run(self) -> None:
        attempts, broken_at = 0, time.monotonic()
        while not self._destroyed:
            try:
                async with connect(self.url, subprotocols=[Subprotocol("rope")], compression=None, ping_interval=None, max_size=None) as link:
                    await self._talk(link)
            except (OSError, WebSocketException, RopeError, BrokenProtocol, asyncio.TimeoutError) as error:
                if not self.resumes:
                    raise
                if isinstance(error, ConnectionRefusedError):
                    self._lose("died", "its address refuses the connection")
                self._confused = self._confused or isinstance(error, BrokenProtocol)
            if self._connected.is_set():
                attempts, broken_at = 0, time.monotonic()
            self._link = None
            self._connected.clear()
            if time.monotonic() - broken_at > self.welcome["session"]["leaseMs"] / 1000:
                self._lose("died", "its lease is over")
            await asyncio.sleep(min(0.1 * 2**attempts, 5) * random.uniform(0.5, 1))
            attempts = min(attempts + 1, 6)

    async def _talk(self, link: ClientConnection) -> None:
        hello: dict[str, Any] = {key: value for key, value in self._hello.items() if value is not None}
        if self._session:
            hello["session"] = {"id": self._session, "received": NEVER_SENT if self._confused else self._received}
        await link.send(json.dumps({"hello": hello}))
        first = json.loads(await asyncio.wait_for(link.recv(), CONNECT_SECONDS))
        if "reject" in first:
            raise RopeError.of(first["reject"])
        self._begin(link, first["welcome"])
        silence = 2 * self.welcome["heartbeatMs"] / 1000
        helpers = [asyncio.create_task(self._send(link)), asyncio.create_task(self._beat(link))]
        try:
            while True:
                await self._read(link, await asyncio.wait_for(link.recv(), silence))
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    def _begin(self, link: ClientConnection, welcome: dict[str, Any]) -> None:
        session = welcome["session"]
        resume, received = session["resume"], session["received"]
        if resume == "new" and self._session:
            self._lose("died", "it knows nothing of the session any more")
        if resume == "snapshot":
            # What the node had received is answered already and the answers are lost, but for those that it names.
            answering = session.get("answering", [])
            for call_id in [call_id for call_id, (number, _) in self._calls.items() if number <= received and call_id not in answering]:
                self._fail(call_id, "its answer was lost")
        if resume != "replay":
            self.replica.expect_snapshot()
            self.draining = False
            self._any_number = resume == "snapshot"
        self._forget(received)
        self._session, self._confused, self.welcome, self._link = session["id"], False, welcome, link
        self.resumes.append(resume)
        if self.replica.complete:
            self._connected.set()

    def _lose(self, event: str, why: str) -> None:
        """The node is gone as far as we are concerned, with all that was there."""
        for call_id in list(self._calls):
            self._fail(call_id, f"the node is gone: {why}")
        self._forget_session()
        self.replica.clear(event, {"name": "Error", "message": why})

    def _fail(self, call_id: int, why: str) -> None:
        _, answer = self._calls.pop(call_id)
        if not answer.done():
            answer.set_exception(RopeError(f"whether the call was done is unknown: {why}", "ROPE_CONNECTION_LOST", "ConnectionLostError"))

    # What we say (§3)

    def _say(self, content: dict[str, Any]) -> int:
        message = Message.of(self._last_said + 1, content)
        if message.size > self.welcome["limits"]["maxMessageBytes"]:
            raise RopeError("the node takes no message of that size", "ROPE_MESSAGE_TOO_LARGE", "MessageTooLargeError")
        if self._kept_bytes + message.size > QUEUE_BYTES:
            raise RopeError("too much waits to be acknowledged: try again later", "ROPE_QUEUE_FULL", "QueueFullError")
        self._last_said = message.number
        self._kept.append(message)
        self._kept_bytes += message.size
        self._wake.set()
        return message.number

    async def _send(self, link: ClientConnection) -> None:
        """Says what the node has not got, first of all what an earlier link lost."""
        sent = 0
        while True:
            self._wake.clear()
            for run in runs([message for message in self._kept if message.number > sent]):
                sent = run[-1].number
                self._acked, self._unacked_bytes = self._received, 0
                await link.send(encode(run, self._received))
            await self._wake.wait()

    async def _beat(self, link: ClientConnection) -> None:
        ping = 0
        while True:
            await asyncio.sleep(self.welcome["heartbeatMs"] / 1000)
            ping += 1
            await link.send(json.dumps({"ping": ping}))
            await self._acknowledge(link)

    async def _acknowledge(self, link: ClientConnection) -> None:
        if self._received > self._acked:
            self._acked, self._unacked_bytes = self._received, 0
            await link.send(json.dumps({"ack": self._received}))

    def _forget(self, number: int) -> None:
        """The node has everything up to here."""
        if number > self._last_said:
            raise BrokenProtocol(f"it acknowledges {number}, which was never said")
        while self._kept and self._kept[0].number <= number:
            self._kept_bytes -= self._kept.popleft().size

    # What we hear (§3, §4)

    async def _read(self, link: ClientConnection, frame: str | bytes) -> None:
        content = decode(frame)
        if "ack" in content:
            self._forget(content["ack"])
        if "messages" not in content:
            return  # an acknowledgement alone, or a pong
        if content["seq"] != self._received + 1 and not self._any_number:
            raise BrokenProtocol(f"it says {content['seq']} after {self._received}")
        self._any_number = False
        self._received = content["seq"] - 1
        self._unacked_bytes += len(frame)
        for message in content["messages"]:
            self._received += 1
            if message is None:
                continue  # media that were dropped
            if "method" in message:
                self._heed(message["method"], message["params"])
            else:
                self._answered(message)
                await asyncio.sleep(0)  # §3: whoever waited goes on before anything later is heard
        if self._received - self._acked >= ACK_MESSAGES or self._unacked_bytes >= ACK_BYTES:
            await self._acknowledge(link)

    def _answered(self, message: dict[str, Any]) -> None:
        _, answer = self._calls.pop(message["id"], (0, None))
        if answer is None or answer.done():
            return  # taken back: what it made the node closes again
        if "error" in message:
            answer.set_exception(RopeError.of(message["error"]))
            return
        result = message["result"]
        is_record = isinstance(result, dict) and result.keys() >= {"object", "type", "state"}
        answer.set_result(self.replica.keep(result) if is_record else result)

    def _heed(self, method: str, params: dict[str, Any]) -> None:
        if method == "rope.draining":
            self.draining = params["draining"]
        elif method == "rope.goodbye":
            self._lose("close", params["reason"])
            raise ConnectionAbortedError(f"the node left as planned: {params['reason']}")
        else:
            self.replica.heed(method, params)
            if self.replica.complete:
                self._connected.set()
