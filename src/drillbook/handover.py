"""Looks into the files that a responder hands over: facts only, as events."""

import hashlib
import posixpath
import re
from collections.abc import Iterator, Mapping

from drillbook.capture import count_packets
from drillbook.timeline import CaptureInspected, SecretFound, SumInspected

_CAPTURE = re.compile(r"\.(pcap|pcapng|cap)$")
_SUM = re.compile(rb"^([0-9a-f]{64})[ \t]+\*?(.+)$", re.MULTILINE)

HandoverFact = CaptureInspected | SumInspected | SecretFound


def look_into(
    files: Mapping[str, bytes], secrets: Mapping[str, tuple[bytes, ...]], *, at_s: float
) -> Iterator[HandoverFact]:
    """Packets of captures, lines of lists of sums against the files, and secrets, in the files' order."""
    by_name = {posixpath.normpath(path): content for path, content in files.items()}
    for path, content in files.items():
        if _CAPTURE.search(path):
            yield CaptureInspected(at_s=at_s, path=path, packets=count_packets(content))
        else:
            for said, name in _SUM.findall(content):
                listed = posixpath.normpath(name.decode(errors="replace"))
                found = by_name.get(listed)
                digest = "" if found is None else hashlib.sha256(found).hexdigest()
                yield SumInspected(at_s=at_s, path=listed, said=said.decode(), found=digest)
        for secret in _held(content, secrets):
            yield SecretFound(at_s=at_s, path=path, secret=secret)


def without_secrets(content: bytes, secrets: Mapping[str, tuple[bytes, ...]]) -> bytes:
    """The same bytes with every secret word blacked out."""
    for words in secrets.values():
        for word in words:
            content = content.replace(word, b"[redacted]")
    return content


def _held(content: bytes, secrets: Mapping[str, tuple[bytes, ...]]) -> Iterator[str]:
    return (name for name, words in secrets.items() if any(word in content for word in words))
