"""Ways to damage evidence by hand: each leaves a directory that looks whole and proves nothing any more."""

import gzip
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

Damage = Callable[[Path], None]
Lines = list[dict[str, Any]]
Row = list[int]
"""due, start, end, status, corrupt"""


def timeline(change: Callable[[Lines], Lines]) -> Damage:
    """Change the events, as JSON, and put them in order of their times again."""

    def damage(directory: Path) -> None:
        path = directory / "timeline.jsonl"
        events = [json.loads(line) for line in path.read_bytes().splitlines()]
        changed = sorted(change(json.loads(json.dumps(events))), key=lambda event: event["at_s"])
        assert changed != events
        path.write_text("".join(json.dumps(event) + "\n" for event in changed), encoding="utf-8")

    return damage


def records(change: Callable[[list[Row]], list[Row]]) -> Damage:
    """Change the requests of every drill."""

    def damage(directory: Path) -> None:
        for path in (directory / "load").iterdir():
            header, *lines = gzip.decompress(path.read_bytes()).splitlines()
            rows = [[int(field) for field in line.split(b",")] for line in lines]
            changed = change([list(row) for row in rows])
            assert changed != rows
            packed = b"".join(b",".join(b"%d" % field for field in row) + b"\n" for row in changed)
            path.write_bytes(gzip.compress(header + b"\n" + packed))

    return damage


def without(event: str, *, last_only: bool = False) -> Damage:
    """The events of one kind are missing, or only the last of them."""

    def change(events: Lines) -> Lines:
        places = [place for place, one in enumerate(events) if one["event"] == event]
        lost = places[-1:] if last_only else places
        return [one for place, one in enumerate(events) if place not in lost]

    return timeline(change)


def moved(event: str, *, to: str, phase: str = "") -> Damage:
    """In every drill an event (or a phase) happens as early or as late as the first event of another kind."""

    def change(events: Lines) -> Lines:
        starts = [place for place, one in enumerate(events) if one["event"] == "drill.started"]
        for first, end in pairwise([*starts, len(events)]):
            at_s = next(one["at_s"] for one in events[first:end] if one["event"] == to)
            for one in events[first:end]:
                if one["event"] == event and one.get("phase", "") == phase:
                    one["at_s"] = at_s
        return events

    return timeline(change)


def clock_jump(by_s: float, *, after: str) -> Damage:
    """All that happened after the last event of a kind is said to have been so much later."""

    def change(events: Lines) -> Lines:
        place = max(place for place, one in enumerate(events) if one["event"] == after)
        return [one | {"at_s": one["at_s"] + by_s * (number > place)} for number, one in enumerate(events)]

    return timeline(change)


def another_offset(by_s: float) -> Damage:
    """The load's clock is aligned wrongly."""

    def change(events: Lines) -> Lines:
        for one in events:
            if "clock_offset_s" in one:
                one["clock_offset_s"] += by_s
        return events

    return timeline(change)


def second_half_shifted(by_s: float) -> Damage:
    """The load's clock jumped in the middle of the drill."""

    def change(rows: list[Row]) -> list[Row]:
        middle = rows[len(rows) // 2][0]
        jump = round(by_s * 1e6)
        return [[*(us + jump * (row[0] >= middle) for us in row[:3]), *row[3:]] for row in rows]

    return records(change)


def gap(start_s: float, length_s: float, *, keep_every: int = 0) -> Damage:
    """Requests that were due in a part of the load, counted from its end, are not on record."""

    def change(rows: list[Row]) -> list[Row]:
        first = max(row[0] for row in rows) - start_s * 1e6
        inside = [first <= row[0] < first + length_s * 1e6 for row in rows]
        return [row for place, row in enumerate(rows) if not inside[place] or (keep_every and place % keep_every == 0)]

    return records(change)


def gap_that_the_load_does_not_know_of(start_s: float, length_s: float) -> Damage:
    """The same, and the number of requests that were sent is made to fit."""

    def damage(directory: Path) -> None:
        gap(start_s, length_s)(directory)
        counts = {
            path.name.removesuffix(".gz"): gzip.decompress(path.read_bytes()).count(b"\n") - 1
            for path in (directory / "load").iterdir()
        }

        def change(events: Lines) -> Lines:
            name = ""
            for one in events:
                name = Path(one["records"]).name if one["event"] == "load.started" else name
                if one["event"] == "load.finished":
                    one["requests"] = counts[name]
            return events

        timeline(change)(directory)

    return damage


def answered(status: int, *, corrupt: int = 0) -> Damage:
    """Every user always got the same answer."""
    return records(lambda rows: [[*row[:3], status, corrupt] for row in rows])


def users_stalled(start_s: float, length_s: float) -> Damage:
    """What was due in a part of the load, counted from its end, was sent only at the end of that part."""

    def change(rows: list[Row]) -> list[Row]:
        first = max(row[0] for row in rows) - round(start_s * 1e6)
        last = first + round(length_s * 1e6)
        return [[row[0], last, last + 3000, *row[3:]] if first <= row[0] < last else row for row in rows]

    return records(change)


def cut(name: str, share: float) -> Damage:
    """A file breaks off."""

    def damage(directory: Path) -> None:
        for path in directory.glob(name):
            data = path.read_bytes()
            path.write_bytes(data[: int(len(data) * share)])

    return damage


def removed(name: str) -> Damage:
    """Files are missing."""

    def damage(directory: Path) -> None:
        for path in directory.glob(name):
            path.unlink()

    return damage
