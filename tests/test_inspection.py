"""What a responder hands over, looked into; and what of it may be kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import msgspec
from tests.test_evidence import DRILL, INFO

from drillbook.drill import PromisedFiles
from drillbook.effects import Clock, CommandResult, Delivery, FileState, ResponderSession
from drillbook.evidence import EvidenceStore, read_evidence
from drillbook.follow import WrittenFile
from drillbook.handover import RedactingScribe, both, changed_files, without_secrets
from drillbook.inspection import Inspection
from drillbook.observation import InsideAnswer
from drillbook.promises import NoSecrets
from drillbook.runner import DrillRun, Effects, Pace
from drillbook.timeline import (
    AnyEvent,
    CommandEnd,
    DrillStarted,
    FileInspected,
    HandoverInspected,
    MessageDelivered,
    NobodyToAsk,
    SecretFound,
)

SECRETS = {"keys": (b"hunter22", b"hunter22-long")}
CLOCK = cast("Clock", SimpleNamespace(now_s=lambda: 5.0))


def test_nothing_is_left_of_a_secret_that_holds_another() -> None:
    assert without_secrets(b"a hunter22-long b hunter22 c", SECRETS) == b"a [redacted] b [redacted] c"


def test_changed_are_new_and_different_files_but_no_directory_and_nothing_hidden() -> None:
    before = {"same": FileState(1, "a"), "other": FileState(1, "a"), "gone": FileState(1, "a")}
    names = ("same", "in/", "in/new", ".kube/cache/x", "in/.hidden")
    after = {name: FileState(1, "a") for name in names} | {"other": FileState(1, "b")}
    assert changed_files(before, after) == ("in/new", "other")


@dataclass
class Scribe:
    events: list[AnyEvent] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)

    def append(self, event: AnyEvent) -> None:
        self.events.append(event)

    def write_output(self, slug: str, number: int, result: CommandResult) -> tuple[str, str]:
        self.kept += [result.stdout, result.stderr]
        return f"{slug}/{number}.stdout", f"{slug}/{number}.stderr"


def said(stderr: bytes) -> CommandResult:
    return CommandResult(
        end=CommandEnd.EXITED,
        exit_code=0,
        pipe_status=(0,),
        started_s=0,
        duration_s=1,
        stdout=b"fine",
        stderr=stderr,
        stdout_bytes=4,
        stderr_bytes=len(stderr),
    )


def test_outputs_are_kept_without_secrets_and_the_leak_is_recorded() -> None:
    scribe = Scribe()

    RedactingScribe(scribe, CLOCK, lambda: SECRETS).write_output("01", 3, said(b"token hunter22"))

    assert scribe.kept == [b"fine", b"token [redacted]"]
    assert scribe.events == [SecretFound(at_s=5.0, path="01/3.stderr", secret="keys")]


def test_a_secret_that_the_procedure_made_is_one_too() -> None:
    scribe = Scribe()
    secrets: dict[str, tuple[bytes, ...]] = dict(SECRETS)
    redacting = RedactingScribe(scribe, CLOCK, lambda: secrets)

    redacting.write_output("01", 3, said(b"made"))
    secrets["new"] = (b"correct-horse-7",)
    redacting.write_output("01", 4, said(b"it is correct-horse-7"))

    assert scribe.kept[-1] == b"it is [redacted]"
    assert [event.secret for event in scribe.events if isinstance(event, SecretFound)] == ["new"]


def asked(directory: Path, *deliveries: Delivery | None, before: int) -> tuple[AnyEvent, ...]:
    store = EvidenceStore(directory, INFO, b"")
    store.append(DrillStarted(at_s=0, drill=DRILL, slug="01"))
    found = None if None in deliveries else deliveries
    witnesses = SimpleNamespace(deliveries=lambda: found, inside_answers=lambda _: (InsideAnswer(at_s=4.0, status=0),))
    effects = cast("Effects", SimpleNamespace(clock=CLOCK, witnesses=witnesses))
    pace = Pace(command_timeout_s=1, patience_s=1, ready_timeout_s=1, working_directory="/srv")
    DrillRun(effects, DRILL, "01", store, root=directory, pace=pace)._ask_witnesses(before, 3.0)
    store.close()
    record = read_evidence(directory).drills[0]
    assert record.inside == (InsideAnswer(at_s=4.0, status=0),)
    return record.events[1:]


def delivery(number: int, at_s: float) -> Delivery:
    return Delivery(number=number, at_s=at_s, service="chat", address="#help", accepted=True)


def test_messages_since_the_procedure_s_start_are_recorded(tmp_path: Path) -> None:
    (event,) = asked(tmp_path / "run", delivery(7, 2.0), delivery(8, 4.0), before=7)
    assert event == MessageDelivered(at_s=5.0, sent_s=4.0, service="chat", address="#help", accepted=True)


def test_no_message_is_something_else_than_no_record(tmp_path: Path) -> None:
    nobody = (NobodyToAsk(at_s=5.0),)
    assert asked(tmp_path / "none", before=0) == ()
    assert asked(tmp_path / "unreachable", None, before=0) == nobody
    assert asked(tmp_path / "begun anew", before=7) == nobody


class Session:
    """A working directory in which a command wrote one file by redirect and made another by itself."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def list_files(self, path: str) -> Mapping[str, FileState]:
        assert path == "/srv"
        return {"in/log": FileState(3, "a"), "in/made": FileState(8, "b")}

    def read_file(self, path: str) -> bytes | None:
        assert path not in self.read, "it is read once"
        self.read.append(path)
        return {"/srv/in/log": b"old-word", "/srv/in/made": b"hunter22"}.get(path)


def inspected(directory: Path, promises: tuple[NoSecrets, ...]) -> tuple[AnyEvent, ...]:
    store = EvidenceStore(directory, INFO, b"")
    drill = msgspec.structs.replace(DRILL, files=PromisedFiles(), promises=promises)
    store.append(DrillStarted(at_s=0, drill=drill, slug="01"))
    inspection = Inspection(drill, "01", store, CLOCK, "/srv")
    session = cast("ResponderSession", Session())
    files = inspection.handed_over(session, (WrittenFile("/srv/in/log", 7), WrittenFile("in/gone", 8)), {})
    inspection.inspect(session, files, both({"keys": (b"old-word",)}, SECRETS))
    store.close()
    return read_evidence(directory).drills[0].events[1:]


def test_whatever_the_procedure_made_is_looked_into_and_kept_without_secrets_old_or_new(tmp_path: Path) -> None:
    events = inspected(tmp_path / "run", (NoSecrets(),))

    assert [(event.path, event.exists) for event in events if isinstance(event, FileInspected)] == [
        ("/srv/in/log", True),
        ("in/gone", False),
    ]
    assert HandoverInspected(at_s=5.0, paths=("in/log", "in/made")) in events
    assert {event.path for event in events if isinstance(event, SecretFound)} == {"in/log", "in/made"}
    kept = [path.read_bytes() for path in sorted((tmp_path / "run" / "files" / "01").iterdir())]
    assert kept == [b"[redacted]", b"[redacted]"]


def test_without_such_a_promise_only_what_commands_were_to_write_is_looked_into(tmp_path: Path) -> None:
    assert HandoverInspected(at_s=5.0, paths=("in/log",)) in inspected(tmp_path / "run", ())
