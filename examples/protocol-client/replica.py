"""A node's objects as dicts (docs/protocol.md §4 and §8): a snapshot, and what came since."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Record = dict[str, Any]
"""An object as it was last heard of: `object` (its number), `type`, `parent`, `state`, and `appData` where it is shared."""

# §8: the getter whose new value is an event's first argument.
SETS = {
    "icestatechange": "iceState", "iceselectedtuplechange": "iceSelectedTuple", "dtlsstatechange": "dtlsState", "sctpstatechange": "sctpState",
    "tuple": "tuple", "rtcptuple": "rtcpTuple", "score": "score", "layerschange": "currentLayers",
}


def word_of(record: Record) -> str:
    """What methods call such an object (§8)."""
    kind: str = record["type"]
    return "transport" if kind.endswith("Transport") else "rtpObserver" if kind.endswith("Observer") else kind


class Replica:
    """Every object that this session sees, by its number. Words about others are dropped, so that each close is heard once."""

    def __init__(self) -> None:
        self.objects: dict[int, Record] = {}
        self.closing: set[int] = set()
        """Closed on this side, and not confirmed by the node yet: a snapshot must not bring them back."""
        self.on_event: Callable[[Record, str, list[Any]], None] = lambda record, event, args: None
        """Hears each event, after the replica has changed. The end of an object is `close`, or what ended it: `died`, `producerclose`."""
        self.complete = False
        self._named: set[int] = set()

    def roots(self) -> list[Record]:
        return [record for record in self.objects.values() if "parent" not in record]

    def expect_snapshot(self) -> None:
        self.complete = False
        self._named = set()

    def keep(self, record: Record) -> Record:
        """Takes an object up, unless it or what it stands below was closed here meanwhile. Returns the record that stays."""
        number = record["object"]
        self._named.add(number)
        if number in self.closing or "parent" in record and record["parent"] not in self.objects:
            return record
        return self.objects.setdefault(number, record)

    def close(self, number: int) -> Record | None:
        """Closed on this side: it leaves with all below it, and the node's word of that will not be heard."""
        record = self._remove(number)
        if record:
            self.closing.add(number)
        return record

    def clear(self, event: str, *args: Any) -> None:
        """Everything leaves; what had no parent hears why."""
        roots = self.roots()
        self.objects.clear()
        self.closing.clear()
        for record in roots:
            self.on_event(record, event, list(args))

    def heed(self, method: str, params: dict[str, Any]) -> None:
        """Does what a notification of the protocol says. One that is unknown here does nothing."""
        if method == "rope.snapshot":
            return self._snapshot(params["objects"], params["last"])
        if method == "rope.created":
            self.keep(params)
            return
        if method == "rope.closed":
            self.closing.discard(params["object"])
            if record := self._remove(params["object"]):
                self.on_event(record, params.get("event", "close"), params.get("args", []))
            return
        record = self.objects.get(params.get("object", 0))
        if record and method == "rope.patch":
            record["state"].update(params["state"])
            if "appData" in params:
                record["appData"] = params["appData"]
        if record and method == "rope.event":
            event, args = params["event"], params["args"]
            if "data" in params:
                args = [params["data"], *args]
            record["state"].update(params.get("state", {}))
            if event in SETS:
                record["state"][SETS[event]] = args[0]
            self.on_event(record, event, args)

    def _snapshot(self, records: list[Record], last: bool) -> None:
        for record in records:
            kept = self.keep(record)
            if kept is not record:  # known from before: this is how it is now
                kept.clear()
                kept.update(record)
        if last:
            self.complete = True
            self.closing &= self._named
            for number in [number for number in self.objects if number not in self._named]:
                self.heed("rope.closed", {"object": number})

    def _remove(self, number: int) -> Record | None:
        record = self.objects.pop(number, None)
        if record:
            for below in [other for other, child in self.objects.items() if child.get("parent") == number]:
                self._remove(below)
        return record
