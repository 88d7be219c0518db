import hashlib
import struct

import pytest

from drillbook.capture import count_packets
from drillbook.handover import look_into, without_secrets
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
