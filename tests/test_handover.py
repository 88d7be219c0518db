import gzip
import hashlib
import io
import struct
import tarfile

import pytest

from drillbook.capture import count_packets
from drillbook.handover import WITHHELD, look_into, seen_wholly, without_secrets
from drillbook.packed import unpack
from drillbook.timeline import CaptureInspected, SecretFound, SumInspected


def pcap(*packets: bytes, order: str = "<", magic: int = 0xA1B2C3D4) -> bytes:
    header = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
    return header + b"".join(struct.pack(f"{order}IIII", 1, 2, len(one), len(one) + 9) + one for one in packets)


def block(kind: int, body: bytes) -> bytes:
    length = 12 + len(body)
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


PCAPNG = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, bytes(8))


@pytest.mark.parametrize(
    ("data", "packets"),
    [
        (pcap(), 0),
        (pcap(b"abc", b"de"), 2),
        (pcap(b"abc", order=">"), 1),
        (pcap(b"abc", magic=0xA1B23C4D), 1),
        (pcap()[:20], None),
        (pcap(b"abc")[:-1], None),
        (pcap(b"abc") + b"\0\0", None),
        (PCAPNG, 0),
        (PCAPNG + block(6, bytes(24)) + block(3, bytes(8)), 2),
        (PCAPNG + b"\6\0\0\0\0\0\0\0\0\0\0\0", None),
        (PCAPNG[:-2], None),
        (b"", None),
        (b"tcpdump: no such device", None),
    ],
)
def test_packets_are_counted_in_whole_captures_only(data: bytes, packets: int | None) -> None:
    assert count_packets(data) == packets


def test_facts_about_files() -> None:
    log = b"GET /admin from 10.0.0.1 with hunter2-hunter2"
    sums = f"{hashlib.sha256(log).hexdigest()}  incident/a.log\n{'0' * 64} *./incident/none.txt\nno sum\n"
    files = {"./incident/a.log": log, "incident/b.pcap": pcap(b"x"), "SHA256SUMS": sums.encode()}
    facts = list(look_into(files, {"tokens": (b"hunter2-hunter2",), "other": (b"elsewhere-1",)}, at_s=3.0))
    digest = hashlib.sha256(log).hexdigest()
    assert facts == [
        SecretFound(at_s=3.0, path="./incident/a.log", secret="tokens"),
        CaptureInspected(at_s=3.0, path="incident/b.pcap", packets=1),
        SumInspected(at_s=3.0, path="incident/a.log", said=digest, found=digest, listed_in="SHA256SUMS"),
        SumInspected(at_s=3.0, path="incident/none.txt", said="0" * 64, found="", listed_in="SHA256SUMS"),
    ]


def test_secrets_are_blacked_out() -> None:
    assert without_secrets(b"a hunter2 b hunter2", {"tokens": (b"hunter2",)}) == b"a [redacted] b [redacted]"


def tar(**files: bytes) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as writer:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            writer.addfile(member, io.BytesIO(content))
    return archive.getvalue()


TOKENS = {"tokens": (b"hunter2-hunter2",)}
LEAK = b"token hunter2-hunter2\n"


@pytest.mark.parametrize(
    "content",
    [
        tar(log=LEAK),
        gzip.compress(LEAK),
        gzip.compress(b"a") + gzip.compress(LEAK),
        gzip.compress(tar(log=LEAK)),
        gzip.compress(tar(old=gzip.compress(LEAK))),
        gzip.compress(tar(log=LEAK)[:540]),
        gzip.compress(tar(log=LEAK))[:-9],
    ],
    ids=["tar", "gzip", "two gzips", "tar.gz", "gzip in tar.gz", "tar that breaks off", "gzip that breaks off"],
)
def test_a_secret_in_a_packed_file_is_found_and_not_kept(content: bytes) -> None:
    assert SecretFound(at_s=1.0, path="x", secret="tokens") in list(look_into({"x": content}, TOKENS, at_s=1.0))
    kept = without_secrets(content, TOKENS)
    assert all(b"hunter2" not in one for one in (kept, *unpack("x", kept).parts.values()))


def test_a_packed_file_without_a_secret_is_kept_as_it_is() -> None:
    content = gzip.compress(tar(log=b"GET /"))
    assert without_secrets(content, TOKENS) == content
    assert list(look_into({"x": content}, TOKENS, at_s=1.0)) == []


def test_a_capture_counts_packed_too() -> None:
    files = {"all.tar.gz": gzip.compress(tar(**{"in/a.pcap": pcap(b"x")})), "b.pcap.gz": gzip.compress(pcap())}
    assert list(look_into(files, {}, at_s=1.0)) == [
        CaptureInspected(at_s=1.0, path="all.tar/in/a.pcap", packets=1),
        CaptureInspected(at_s=1.0, path="b.pcap", packets=0),
    ]


def test_what_cannot_be_seen_is_withheld() -> None:
    deep = LEAK
    for _ in range(6):
        deep = gzip.compress(deep)
    damaged = bytearray(gzip.compress(bytes(range(256)) * 9))
    damaged[10:14] = b"\xff\xff\xff\xff"
    for content in (deep, bytes(damaged)):
        assert not seen_wholly(content)
        assert without_secrets(content, TOKENS) == WITHHELD
    assert not unpack("x", gzip.compress(bytes(1000)), most_bytes=999).whole
    assert unpack("x", gzip.compress(bytes(1000)), most_bytes=1001).parts == {"x unpacked": bytes(1000)}
    assert seen_wholly(b"text")
