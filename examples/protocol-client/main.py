"""What one does with a media node, in plain Python: python3 main.py ws://127.0.0.1:4443 [--token-file FILE]"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from replica import Record
from rope import Rope

CODECS = [{"kind": "audio", "mimeType": "audio/opus", "clockRate": 48000, "channels": 2}]
BINARY = 53  # the PPID of binary messages, RFC 8831 §8
MESSAGES, ROUTERS = 300, 20


def show(rope: Rope) -> None:
    """Prints the replica as the tree it is."""
    def below(parent: int | None, depth: int) -> None:
        for record in rope.replica.objects.values():
            if record.get("parent") == parent:
                state = ", ".join(f"{key}={value}" for key, value in record["state"].items() if isinstance(value, (str, int)))
                print(f"  {'  ' * depth}{record['type']} {record['object']}: {state}")
                below(record["object"], depth + 1)
    below(None, 0)


async def make(rope: Rope) -> tuple[Record, Record]:
    """A worker, a router and a WebRtcTransport, as an app for browsers begins."""
    worker = await rope.call("mediasoup.createWorker", settings={"logLevel": "warn"})
    router = await rope.call("worker.createRouter", worker=worker["object"], options={"mediaCodecs": CODECS})
    transport = await rope.call("router.createWebRtcTransport", router=router["object"], options={"listenInfos": [{"protocol": "udp", "ip": "127.0.0.1"}]})
    await rope.call("transport.setMaxIncomingBitrate", transport=transport["object"], bitrate=1_500_000)
    return worker, router


async def close_something(rope: Rope, worker: Record) -> None:
    """What is closed here is closed at once, and the node's word of it is not heard a second time."""
    events: list[tuple[str, str]] = []
    rope.replica.on_event = lambda record, event, args: events.append((record["type"], event))
    router = await rope.call("worker.createRouter", worker=worker["object"], options={})
    transport = await rope.call("router.createDirectTransport", router=router["object"], options={})
    rope.close_object(router["object"])
    assert transport["object"] not in rope.replica.objects, "a router takes its transports along"
    # No answer overtakes what happened before it: when this one is here the node's rope.closed has been.
    dump = await rope.call("worker.dump", worker=worker["object"])
    assert router["state"]["id"] not in dump["routerIds"]
    assert not rope.replica.closing and not events, events
    print("closed a router: gone here at once, gone there, and not heard twice")


async def cut_the_link(rope: Rope, worker: Record, router: Record) -> None:
    """Messages through a DirectTransport come back as events, and calls are answered, while the link breaks in the middle of both."""
    transport = await rope.call("router.createDirectTransport", router=router["object"], options={})
    producer = await rope.call("transport.produceData", transport=transport["object"], options={"label": "numbers"})
    consumer = await rope.call("transport.consumeData", transport=transport["object"], options={"dataProducerId": producer["state"]["id"]})
    half = MESSAGES // 2
    heard: list[int] = []
    calls: list[asyncio.Task[Record]] = []
    slow: list[asyncio.Task[Record]] = []
    waiting: list[int] = []  # how many calls had no answer yet at each cut
    complete = asyncio.Event()

    def say_half() -> None:
        for number in range(len(heard), len(heard) + half):
            rope.notify("dataProducer.send", dataProducer=producer["object"], data=number.to_bytes(4, "big"), ppid=BINARY)
        slow.append(asyncio.create_task(rope.call("mediasoup.createWorker", settings={})))  # a process: it takes longer than a message
        for _ in range(ROUTERS // 2):
            calls.append(asyncio.create_task(rope.call("worker.createRouter", worker=worker["object"], options={})))

    def on_event(record: Record, event: str, args: list[Any]) -> None:
        if record["object"] != consumer["object"] or event != "message":
            return
        data, ppid = args
        assert ppid == BINARY
        heard.append(int.from_bytes(data, "big"))
        if len(heard) == half:
            say_half()
        if len(heard) in (1, half + 1):  # the first of its half: the others are on their way, and so are the calls
            waiting.append(sum(not call.done() for call in calls + slow))
            rope.cut()
        if len(heard) == MESSAGES:
            complete.set()

    rope.replica.on_event = on_event
    say_half()
    await complete.wait()
    made = {record["state"]["id"] for record in await asyncio.gather(*calls)}
    workers = {record["state"]["pid"] for record in await asyncio.gather(*slow)}
    dump = await rope.call("worker.dump", worker=worker["object"])
    assert heard == list(range(MESSAGES)), "each message once, and in order"
    assert len(made) == ROUTERS and set(dump["routerIds"]) == made | {router["state"]["id"]}, "each call done once"
    assert len(workers) == len(slow)
    assert rope.resumes == ["new", "replay", "replay"] and all(waiting), (rope.resumes, waiting)
    print(f"cut the link twice, with {' and '.join(map(str, waiting))} calls under way: {len(heard)} messages and {len(calls + slow)} calls, none lost, none twice")


async def main() -> None:
    arguments = argparse.ArgumentParser(description="Makes objects on a media node over the ROPE protocol, and breaks the link to it.")
    arguments.add_argument("url", help="where the node is, as ws://127.0.0.1:4443")
    arguments.add_argument("--token-file", type=Path, help="a file that holds the node's token")
    options = arguments.parse_args()
    rope = Rope(options.url, token=options.token_file.read_text().strip() if options.token_file else None)
    await rope.open()
    print(f"connected to {rope.welcome['node']['name']}, mediasoup {rope.welcome['payload']['mediasoupVersion']}")
    worker, router = await make(rope)
    show(rope)
    await close_something(rope, worker)
    await cut_the_link(rope, worker, router)
    await rope.destroy()
    print("ended the session: its worker is closed")


if __name__ == "__main__":
    asyncio.run(main())
