"""How commands are framed for the responder's bash and their ends found in what it writes: bytes in, events out."""

import re
import secrets

from msgspec import Struct

TOKEN_BYTES = 32
_BOUNDARY = b"\x1e"
_MARK_LIMIT_BYTES = 4096
_STDOUT_FD, _STDERR_FD = b"252", b"253"  # the shell keeps its own outputs there; see shell.bash


def new_token() -> bytes:
    """A random name (32 hexadecimal digits) that no command's output can hold by accident."""
    return secrets.token_hex(TOKEN_BYTES // 2).encode()


class Mark(Struct, frozen=True):
    """The shell's own word in a channel: the token it was asked to write, and the numbers that go with it."""

    token: bytes
    numbers: tuple[int, ...]
    moment: tuple[int, ...] = ()  # when it was written: the system's uptime in centiseconds, its newest process id
    jobs: tuple[int, ...] = ()  # process ids of what the shell has running in the background


class MarkScanner:
    """Tells output from marks in one channel, however its bytes are cut into chunks.

    It holds back no more than one mark's length (4 KiB).
    """

    def __init__(self) -> None:
        self._tokens: set[bytes] = set()
        self._pattern = re.compile(rb"(?!)")
        self._held = b""

    def expect(self, token: bytes) -> None:
        """From now on, take this token's mark for a mark."""
        self._tokens.add(token)
        self._compile()

    def forget(self, token: bytes) -> None:
        """From now on, take this token's mark for output."""
        self._tokens.discard(token)
        self._compile()

    def feed(self, chunk: bytes) -> list[bytes | Mark]:
        """The output and the marks that are certain after this chunk, in their order."""
        data = self._held + chunk
        found: list[bytes | Mark] = []
        position = 0
        for match in self._pattern.finditer(data):
            if match.start() > position:
                found.append(data[position : match.start()])
            found.append(_read_mark(match))
            position = match.end()
        cut = self._start_of_partial_mark(data, position)
        if cut > position:
            found.append(data[position:cut])
        self._held = data[cut:]
        return found

    def flush(self) -> bytes:
        """What was held back, once it is known that nothing follows."""
        held, self._held = self._held, b""
        return held

    def _compile(self) -> None:
        names = b"|".join(re.escape(token) for token in sorted(self._tokens)) or b"(?!)"
        self._pattern = re.compile(rb"\x1e(" + names + rb") ([0-9 |]*)\x1e")

    def _start_of_partial_mark(self, data: bytes, position: int) -> int:
        start = data.find(_BOUNDARY, max(position, len(data) - _MARK_LIMIT_BYTES))
        while start != -1:
            if any(_may_become_mark(data[start:], token) for token in self._tokens):
                return start
            start = data.find(_BOUNDARY, start + 1)
        return len(data)


def _may_become_mark(tail: bytes, token: bytes) -> bool:
    head = _BOUNDARY + token + b" "
    if len(tail) <= len(head):
        return head.startswith(tail)
    return tail.startswith(head) and re.fullmatch(rb"[0-9 |]*", tail[len(head) :]) is not None


def _read_mark(match: re.Match[bytes]) -> Mark:
    sections = [tuple(int(number) for number in section.split()) for section in match[2].split(b"|")]
    return Mark(match[1], *sections[:3])


class CappedOutput:
    """A command's output on one channel, kept head and tail, in bounded memory.

    Attributes:
        size_bytes: How much there really was.
    """

    def __init__(self, *, head_bytes: int = 64 * 1024, tail_bytes: int = 64 * 1024) -> None:
        self.size_bytes = 0
        self._head, self._tail = bytearray(), bytearray()
        self._head_bytes, self._tail_bytes = head_bytes, tail_bytes

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        self.size_bytes += len(data)
        room = self._head_bytes - len(self._head)
        self._head += data[:room]
        self._tail += data[room:][-self._tail_bytes :]
        if len(self._tail) > 2 * self._tail_bytes:
            del self._tail[: -self._tail_bytes]

    def content(self) -> bytes:
        """Head and tail; between them, where something was left out, a line that says how much."""
        tail = bytes(self._tail[-self._tail_bytes :])
        left_out = self.size_bytes - len(self._head) - len(tail)
        note = b"\n[drillbook: %d bytes left out]\n" % left_out if left_out else b""
        return bytes(self._head) + note + tail


def quote(text: bytes) -> bytes:
    """The text as one line of bash's ``$'…'`` quoting, to the same bytes when bash reads it."""
    escaped = text.replace(b"\\", b"\\\\").replace(b"'", b"\\'").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    return b"$'" + escaped + b"'"


def request(text: bytes, token: bytes, *, last_status: int) -> bytes:
    """The line that has bash run the text at top level and then write the token's mark into both channels.

    Args:
        text: The command; it must hold no NUL byte.
        token: From ``new_token``.
        last_status: What ``$?`` is to be when the text starts.
    """
    if can_be_followed(text):
        # Only inside the same eval does PIPESTATUS still belong to the command; and an eval that itself returns 0
        # does not set off an ERR trap a second time.
        text += b'\n__drillbook_pipe=("$?" "${PIPESTATUS[@]}")'
    # Before "||", a status other than 0 triggers neither errexit nor the ERR trap.
    restore = b"__drillbook_status %d || " % last_status if last_status else b""
    hide = _STDOUT_FD + b">&- " + _STDERR_FD + b">&-"
    return (
        restore
        + b"builtin eval "
        + quote(text)
        + b" </dev/null "
        + hide
        + b"; { __drillbook_after "
        + token
        + b' "$?"; } >/dev/null 2>&1\n'
    )


def resynchronise(token: bytes) -> bytes:
    """The line that has an idle bash write the token's mark, with 0, into both channels."""
    return b"{ __drillbook_after " + token + b" 0; } >/dev/null 2>&1\n"


_HERE_DOCUMENT = re.compile(rb"<<(-?)[ \t]*(\\?)(['\"]?)([A-Za-z_][A-Za-z0-9_.-]*)\3")


def can_be_followed(text: bytes) -> bool:
    """Whether the text surely ends where it ends, so that a line after it is a command of its own.

    In doubt it is False: then the exit status stands for PIPESTATUS, which is right for everything but pipelines.
    """
    last_line = b""
    for line in text.split(b"\n"):
        code = line.strip()
        if code and not code.startswith(b"#"):
            last_line = code
    if not last_line:
        return False
    without_comment = re.sub(rb"\s#.*", b"", last_line)
    if any(end.rstrip().endswith((b"\\", b"|", b"&&")) for end in (last_line, without_comment)):
        return False
    return _here_documents_end(text)


def _here_documents_end(text: bytes) -> bool:
    without_here_strings = text.replace(b"<<<", b"")
    opened = _HERE_DOCUMENT.findall(without_here_strings)
    if len(opened) != without_here_strings.count(b"<<"):
        return False
    lines = text.split(b"\n")
    tabless = [line.lstrip(b"\t") for line in lines]
    return all(delimiter in (tabless if dash else lines) for dash, _, _, delimiter in opened)


def without_terminal_complaints(stderr: bytes, pid: int) -> bytes:
    """Without what bash says of itself (process id ``pid``) when a command dies and there is no terminal to reset."""
    complaint = rb"bash: \[%d: \d+ \(\d+\)\] tcsetattr: Inappropriate ioctl for device\n" % pid
    return re.sub(complaint, b"", stderr)
