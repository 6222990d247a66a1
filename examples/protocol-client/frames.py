"""Messages and the frames they leave in (docs/protocol.md §3). Pure functions."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

FRAME_BYTES = 32 * 1024
HEAD, LENGTHS = struct.Struct(">Bdd"), struct.Struct(">II")
BINARY = 1


class BrokenProtocol(Exception):
    """The node says what it may not: this link ends, and the next one begins with a snapshot."""


@dataclass(frozen=True)
class Message:
    """A message with its number, written once and kept until the node has acknowledged it."""

    number: int
    text: bytes
    data: bytes | None

    @staticmethod
    def of(number: int, content: dict[str, Any]) -> Message:
        """Takes the bytes out of `params.data`."""
        params = dict(content["params"])
        data = params.pop("data") if isinstance(params.get("data"), bytes) else None
        return Message(number, json.dumps({**content, "params": params}, separators=(",", ":")).encode(), data)

    @property
    def size(self) -> int:
        return len(self.text) + len(self.data or b"")


def runs(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """Cuts messages into runs that leave in one frame each: all of text or all with bytes, and not too long."""
    run: list[Message] = []
    size = 0
    for message in messages:
        if run and ((message.data is None) != (run[0].data is None) or size + message.size > FRAME_BYTES):
            yield run
            run, size = [], 0
        run.append(message)
        size += message.size
    if run:
        yield run


def encode(run: list[Message], ack: int) -> str | bytes:
    seq = run[0].number
    if run[0].data is None:
        return f'{{"seq":{seq},"ack":{ack},"messages":[{",".join(message.text.decode() for message in run)}]}}'
    parts = [HEAD.pack(BINARY, seq, ack)]
    for message in run:
        data = message.data or b""
        parts += [LENGTHS.pack(len(message.text), len(data)), message.text, data]
    return b"".join(parts)


def decode(frame: str | bytes) -> dict[str, Any]:
    """Reads a frame of either kind: `seq`, `ack` and `messages`, or what else a frame of text may hold."""
    if isinstance(frame, str):
        content: dict[str, Any] = json.loads(frame)
        return content
    kind, seq, ack = HEAD.unpack_from(frame)
    if kind != BINARY:
        raise BrokenProtocol(f"a binary frame of kind {kind}")
    messages, at = [], HEAD.size
    while at < len(frame):
        text, data = LENGTHS.unpack_from(frame, at)
        at += LENGTHS.size
        message = json.loads(frame[at : at + text])
        message["params"]["data"] = frame[at + text : at + text + data]
        messages.append(message)
        at += text + data
    return {"seq": int(seq), "ack": int(ack), "messages": messages}
