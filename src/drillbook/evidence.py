"""The evidence directory of a run: written while it happens, and enough to judge it again without the cluster.

``run.json`` identifies the run, ``timeline.jsonl`` is the record, ``load/`` holds one line per request, ``commands/``
the output of every command, ``kubernetes/`` the objects before and after, ``journal/`` what Chaos Toolkit says it did,
``files/`` what the responder handed over, ``findings.json`` what was wrong with the runbook's text; ``verdict.json``
and ``report.html`` are made from all that.
"""

import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import msgspec

from drillbook.checks.model import Finding
from drillbook.effects import CommandResult, Snapshot
from drillbook.errors import InputError
from drillbook.load_records import LoadRecords, parse_records
from drillbook.observation import InsideAnswer, Look
from drillbook.record import DrillRecord, RunInfo, RunRecord
from drillbook.timeline import AnyEvent, DrillStarted, LoadStarted

T = TypeVar("T")

_PACKING = 6  # a million records: 10 MB in 1.4 s; the best level takes 6.5 s and saves nothing

TIMELINE = "timeline.jsonl"
FINDINGS = "findings.json"
RUN = "run.json"
VERDICT = "verdict.json"
REPORT = "report.html"


def looks_name(slug: str) -> str:
    """Where the looks at the system during a drill are kept."""
    return f"observed/{slug}.jsonl"


def inside_name(slug: str) -> str:
    """Where the answers that users inside the cluster got are kept."""
    return f"inside/{slug}.jsonl"


def traffic_prefix(slug: str) -> str:
    """What the names of the records of a fault's own traffic begin with; its name and ``.csv`` follow."""
    return f"load/{slug}+"


class EvidenceStore:
    """Writes the evidence of one run; every event reaches the disk before the next thing happens."""

    def __init__(self, directory: Path, info: RunInfo, runbook: bytes) -> None:
        """Create the directory; an existing one is refused, since evidence is never overwritten."""
        try:
            directory.mkdir(parents=True)
        except FileExistsError as error:
            raise InputError("there is evidence here already", path=directory, mend="name another directory") from error
        self.directory, self.info = directory, info
        self._write(RUN, msgspec.json.format(msgspec.json.encode(info), indent=2) + b"\n")
        self._write("runbook.md", runbook)
        self._timeline = (directory / TIMELINE).open("ab")
        self._observers: list[Callable[[AnyEvent], None]] = []

    def write_findings(self, findings: tuple[Finding, ...]) -> None:
        """Keep what is wrong with the runbook's text, as it is seen now: the rules may change."""
        self._write(FINDINGS, msgspec.json.format(msgspec.json.encode(findings), indent=2) + b"\n")

    def observe(self, observer: Callable[[AnyEvent], None]) -> None:
        """Call this with every event after it is on disk."""
        self._observers.append(observer)

    def append(self, event: AnyEvent) -> None:
        """Add an event to the timeline."""
        self._timeline.write(msgspec.json.encode(event) + b"\n")
        self._timeline.flush()
        for observer in self._observers:
            observer(event)

    def path(self, name: str) -> Path:
        """A place for a file that somebody else writes."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_output(self, slug: str, number: int, result: CommandResult) -> tuple[str, str]:
        """Keep a command's output; returns the two files' names in the evidence."""
        names = tuple(f"commands/{slug}/{number:03}.{stream}" for stream in ("stdout", "stderr"))
        for name, content in zip(names, (result.stdout, result.stderr), strict=True):
            self._write(name, content)
        return names[0], names[1]

    def write_file(self, slug: str, path: str, content: bytes) -> None:
        """Keep a file that the responder handed over."""
        self._write(f"files/{slug}/{path.strip('/').replace('/', '_')}", content)

    def write_snapshot(self, slug: str, moment: str, snapshot: Snapshot) -> None:
        """Keep the system's objects at a moment."""
        self._write(f"kubernetes/{slug}-{moment}.json", msgspec.json.format(msgspec.json.encode(snapshot), indent=2))

    def write_inside(self, slug: str, answers: tuple[InsideAnswer, ...]) -> None:
        """Keep what users inside the cluster were answered, times on the run's clock."""
        self._write(inside_name(slug), b"".join(msgspec.json.encode(answer) + b"\n" for answer in answers))

    def write_result(self, name: str, content: bytes) -> Path:
        """Keep a verdict or a report; these may be made again."""
        self._write(name, content)
        return self.directory / name

    def close(self) -> None:
        """Nothing more will happen: the load's records are packed (to about a quarter of their size)."""
        self._timeline.flush()
        os.fsync(self._timeline.fileno())
        self._timeline.close()
        for path in sorted((self.directory / "load").glob("*.csv")):
            self._write(f"load/{path.name}.gz", gzip.compress(path.read_bytes(), compresslevel=_PACKING, mtime=0))
            path.unlink()

    def _write(self, name: str, content: bytes) -> None:
        path = self.path(name)
        part = path.with_name(path.name + ".part")
        part.write_bytes(content)
        part.replace(path)


def read_evidence(directory: Path) -> RunRecord:
    """Read a run back. A timeline cut short (the machine died) is read as far as it goes; anything else is an error."""
    return RunRecord(
        info=_read_info(directory),
        drills=tuple(_drills(directory, _read_timeline(directory / TIMELINE))),
        findings=_read_findings(directory / FINDINGS),
    )


def _read_info(directory: Path) -> RunInfo:
    path = directory / RUN
    try:
        return msgspec.json.decode(path.read_bytes(), type=RunInfo)
    except OSError as error:
        mend = "name the directory of one run, such as evidence/<run-id>"
        raise InputError(f"no evidence here: {error.strerror}", path=path, mend=mend) from error
    except msgspec.MsgspecError as error:
        raise InputError(f"not a run's description: {error}", path=path) from error


def _read_findings(path: Path) -> tuple[Finding, ...]:
    if not path.is_file():
        return ()
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Finding, ...])
    except msgspec.MsgspecError as error:
        raise InputError(f"not a list of findings: {error}", path=path) from error


def _read_timeline(path: Path) -> list[AnyEvent]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read it: {error.strerror}", path=path) from error
    decoder = msgspec.json.Decoder(AnyEvent)
    events: list[AnyEvent] = []
    for number, line in enumerate(data.splitlines(keepends=True), 1):
        if not line.endswith(b"\n"):
            break  # the run ended in the middle of this line
        try:
            events.append(decoder.decode(line))
        except msgspec.MsgspecError as error:
            raise InputError(f"not an event: {error}", path=path, line=number) from error
        if len(events) > 1 and events[-1].at_s < events[-2].at_s:
            got = f"{events[-1].at_s} s after {events[-2].at_s} s"
            raise InputError("time runs backwards", path=path, line=number, expected="events in order", got=got)
    return events


def _drills(directory: Path, events: list[AnyEvent]) -> Iterator[DrillRecord]:
    starts = [index for index, event in enumerate(events) if isinstance(event, DrillStarted)]
    for start, end in pairwise([*starts, len(events)]):
        first, part = events[start], tuple(events[start:end])
        if isinstance(first, DrillStarted):
            load = _read_load(directory, part)
            yield DrillRecord(
                drill=first.drill,
                slug=first.slug,
                events=part,
                load=load,
                looks=tuple(_read_lines(directory / looks_name(first.slug), Look)),
                inside=tuple(_read_lines(directory / inside_name(first.slug), InsideAnswer)),
                traffic=_read_traffic(directory, first.slug, part),
                outputs=_read_outputs(directory, first.slug),
            )


def _read_outputs(directory: Path, slug: str) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): path.read_text(encoding="utf-8", errors="replace")
        for path in sorted((directory / "commands" / slug).glob("*"))
    }


def _read_traffic(directory: Path, slug: str, events: tuple[AnyEvent, ...]) -> dict[str, LoadRecords]:
    """What the fault's own users saw, by the traffic's name; they ran on the same machine as the drill's users."""
    started = next((event for event in events if isinstance(event, LoadStarted)), None)
    if started is None:
        return {}
    prefix = traffic_prefix(slug)
    found = {}
    for path in sorted(directory.glob(f"{prefix}*.csv*")):
        name = path.name.removeprefix(Path(prefix).name).partition(".csv")[0]
        data = _unpacked(path) if path.suffix == ".gz" else path.read_bytes()
        found[name] = parse_records(data, clock_offset_s=started.clock_offset_s, path=path)
    return found


def _read_lines(path: Path, kind: type[T]) -> Iterator[T]:
    """One value a line; none where there is no file, and a last line that was not finished is left out."""
    if not path.is_file():
        return
    decoder = msgspec.json.Decoder(kind)
    for number, line in enumerate(path.read_bytes().splitlines(keepends=True), 1):
        if not line.endswith(b"\n"):
            break
        try:
            yield decoder.decode(line)
        except msgspec.MsgspecError as error:
            raise InputError(f"it does not hold what it should: {error}", path=path, line=number) from error


def _read_load(directory: Path, events: tuple[AnyEvent, ...]) -> LoadRecords | None:
    started = next((event for event in events if isinstance(event, LoadStarted)), None)
    if started is None:
        return None
    path = directory / started.records
    packed = path.with_name(path.name + ".gz")
    if packed.is_file():
        return parse_records(_unpacked(packed), clock_offset_s=started.clock_offset_s, path=packed)
    if path.is_file():
        return parse_records(path.read_bytes(), clock_offset_s=started.clock_offset_s, path=path)
    return None  # judged as no load


def _unpacked(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"cannot be unpacked: {error}", path=path) from error
