"""Looks into the files that a responder hands over: facts only, as events."""

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from drillbook.capture import count_packets
from drillbook.effects import Clock, CommandResult, FileState
from drillbook.follow import Scribe
from drillbook.packed import unpack
from drillbook.timeline import AnyEvent, CaptureInspected, SecretFound, SumInspected

_CAPTURE = re.compile(r"\.(pcap|pcapng|cap)$")
_SUM = re.compile(rb"^([0-9a-f]{64})[ \t]+\*?(.+)$", re.MULTILINE)

HandoverFact = CaptureInspected | SumInspected | SecretFound

Secrets = Mapping[str, tuple[bytes, ...]]
"""By a Secret's name, the words that must not be handed over."""

WITHHELD = b"[withheld: it holds a secret, or what it holds cannot be seen]"
"""Kept in place of a packed file from which no word can be blacked out."""


@dataclass(frozen=True)
class RedactingScribe:
    """A scribe to which no secret is told: outputs are blacked out before they are kept, and that is recorded."""

    scribe: Scribe
    clock: Clock
    secrets: Callable[[], Secrets]  # asked at every output: a procedure may make a secret and show it

    def append(self, event: AnyEvent) -> None:
        """Add an event to the timeline."""
        self.scribe.append(event)

    def write_output(self, slug: str, number: int, result: CommandResult) -> tuple[str, str]:
        """Keep a command's output without secrets; returns the names of stdout and stderr in the evidence."""
        outputs, secrets = (result.stdout, result.stderr), self.secrets()
        stdout, stderr = (without_secrets(output, secrets) for output in outputs)
        names = self.scribe.write_output(slug, number, msgspec.structs.replace(result, stdout=stdout, stderr=stderr))
        for name, output in zip(names, outputs, strict=True):
            for secret in _held(output, secrets):
                self.append(SecretFound(at_s=self.clock.now_s(), path=name, secret=secret))
        return names


def changed_files(before: Mapping[str, FileState], after: Mapping[str, FileState]) -> tuple[str, ...]:
    """Files that are new or different; directories and what is hidden (a tool's own cache) are left out."""
    return tuple(
        name
        for name, state in sorted(after.items())
        if before.get(name) != state and not name.endswith("/") and not re.search(r"(^|/)\.", name)
    )


def both(one: Secrets, other: Secrets) -> Secrets:
    """The words of both: a procedure may replace a secret, and the one from before is still none to show."""
    return {name: (*one.get(name, ()), *other.get(name, ())) for name in one.keys() | other.keys()}


def look_into(files: Mapping[str, bytes], secrets: Secrets, *, at_s: float) -> Iterator[HandoverFact]:
    """Packets of captures, lines of lists of sums against the files, and secrets, in the files' order.

    Captures and secrets are also looked for in what is packed.
    """
    by_name = {posixpath.normpath(path): content for path, content in files.items()}
    for path, content in files.items():
        for name, part in {path: content, **unpack(path, content).parts}.items():
            if _CAPTURE.search(name):
                yield CaptureInspected(at_s=at_s, path=name, packets=count_packets(part))
        if not _CAPTURE.search(path):
            for said, name in _SUM.findall(content):
                listed = posixpath.normpath(name.decode(errors="replace"))
                found = by_name.get(listed)
                digest = "" if found is None else hashlib.sha256(found).hexdigest()
                yield SumInspected(at_s=at_s, path=listed, said=said.decode(), found=digest, listed_in=path)
        for secret in _held(content, secrets):
            yield SecretFound(at_s=at_s, path=path, secret=secret)


def without_secrets(content: bytes, secrets: Secrets) -> bytes:
    """The same bytes with every secret word blacked out, the longest first: one may be a part of another.

    What is compressed around a secret, or cannot be seen, is withheld as a whole.
    """
    words = {word for words in secrets.values() for word in words}
    for word in sorted(words, key=len, reverse=True):
        content = content.replace(word, b"[redacted]")
    return WITHHELD if any(_held(content, secrets)) or not seen_wholly(content) else content


def seen_wholly(content: bytes) -> bool:
    """Whether nothing in it is packed too deeply, too large or damaged."""
    return unpack("", content).whole


def _held(content: bytes, secrets: Secrets) -> Iterator[str]:
    seen = (content, *unpack("", content).parts.values())
    return (name for name, words in secrets.items() if any(word in one for one in seen for word in words))
