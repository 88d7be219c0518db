"""The document's text and lines, once it is known to be a text that can be parsed."""

import re

from msgspec import Struct

from drillbook.errors import InputError

MAX_BYTES = 10_000_000
MAX_LINES = 350_000  # the Markdown parser takes some 2 kB for a line of a list
_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(r"\r\n|\r|\n")  # what CommonMark calls a line ending
_FRONT_MATTER_MAX_LINES = 200


class Source(Struct, frozen=True, kw_only=True):
    """The document's lines, without line ends and byte order mark."""

    path: str
    lines: tuple[str, ...]


def decode(data: bytes, path: str) -> Source:
    """Decode a document, or say what is wrong with its bytes.

    Raises:
        InputError: it is too large, empty, not UTF-8 or holds NUL bytes.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            "the runbook is too large",
            path=path,
            expected=f"at most {MAX_BYTES:,} bytes",
            got=f"{len(data):,} bytes",
            mend="split it into several runbooks, and move logs and dumps out of it",
        )
    body = data.removeprefix(_BOM)
    _refuse_nul(body, path)
    lines = _LINE_END.split(_decode_utf8(body, path))
    if not lines[-1]:
        lines.pop()
    if not any(line.strip() for line in lines):
        raise InputError(
            "the runbook is empty",
            path=path,
            line=1,
            expected="a Markdown document with at least one heading, step or code block",
            got=f"{len(data):,} bytes of white space" if data else "0 bytes",
            mend="write the procedure, or give the path of the right file",
        )
    if len(lines) > MAX_LINES:
        raise InputError(
            "the runbook has too many lines",
            path=path,
            line=MAX_LINES + 1,
            expected=f"at most {MAX_LINES:,} lines",
            got=f"{len(lines):,} lines",
            mend="split it into several runbooks, and move logs and dumps out of it",
        )
    return Source(path=path, lines=tuple(lines))


def _decode_utf8(body: bytes, path: str) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _position(body, error.start)
        raise InputError(
            "the runbook is not UTF-8",
            path=path,
            line=line,
            column=column,
            expected="UTF-8 text",
            got=f"byte 0x{body[error.start]:02x} at offset {error.start}: {error.reason}",
            mend="save it as UTF-8, for example: iconv -f LATIN1 -t UTF-8 OLD > NEW",
        ) from error


def _refuse_nul(body: bytes, path: str) -> None:
    offset = body.find(b"\0")
    if offset < 0:
        return
    line, column = _position(body, offset)
    raise InputError(
        "the runbook holds a NUL byte",
        path=path,
        line=line,
        column=column,
        expected="text",
        got=f"byte 0x00 at offset {offset}",
        mend="delete it (no shell command can hold one), or save the document as UTF-8 if it is UTF-16",
    )


def _position(body: bytes, offset: int) -> tuple[int, int]:
    before = _LINE_END.split(body[:offset].decode("utf-8", errors="replace"))
    return len(before), len(before[-1]) + 1


def without_front_matter(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Blank the metadata that site generators put between two ``---`` lines before the document."""
    if not lines or lines[0].rstrip() != "---":
        return lines
    for index, line in enumerate(lines[1:_FRONT_MATTER_MAX_LINES], start=1):
        if line.rstrip() in ("---", "..."):
            return ("",) * (index + 1) + lines[index + 1 :]
        if index == 1 and not re.match(r"[\w-]+\s*:|#", line):
            return lines
    return lines
