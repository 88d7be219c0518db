"""Finds the member of a pipeline that failed although the command exited 0."""

from collections.abc import Iterator

from drillbook.changes import pipeline, program
from drillbook.timeline import CommandFinished

_ANSWERS_BY_1 = frozenset(
    {"grep", "egrep", "fgrep", "rg", "pgrep", "diff", "cmp", "test", "[", "[[", "((", "let", "expr", "read"}
)
_SIGPIPE = 141
_WRITE_REFUSED = {"curl": 23}  # what a program says of itself when the reader behind it has had enough


def failed_behind(event: CommandFinished) -> str:
    """The first member that failed, with its exit code, where the command exited 0 all the same; else "".

    Only of a command that is one pipeline: of several, or of one in a loop, PIPESTATUS does not tell which it was.
    """
    if event.exit_code != 0:
        return ""
    return next((f"{_short(text)} exited {status}" for text, status in _failures(event)), "")


def _failures(event: CommandFinished) -> Iterator[tuple[str, int]]:
    members = pipeline(event.text)
    if len(members) != len(event.pipe_status):
        return
    for index, (text, status) in enumerate(zip(members, event.pipe_status, strict=True), 1):
        if status and not _is_no_failure(program(text), status, has_reader=index < len(members)):
            yield text, status


def _is_no_failure(name: str, status: int, *, has_reader: bool) -> bool:
    if has_reader and status in (_SIGPIPE, _WRITE_REFUSED.get(name)):
        return True
    return status == 1 and name in _ANSWERS_BY_1


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"  # noqa: PLR2004 - a line of the report
