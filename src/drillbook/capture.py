"""Counts the packets of a capture: pcap and pcapng, as tcpdump and its kin write them."""

import struct

_PCAP = {
    b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<",  # microseconds, nanoseconds; little-endian
    b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">",
}  # fmt: skip
_PCAP_HEADER, _PCAP_RECORD = 24, 16
_PCAPNG = b"\x0a\x0d\x0d\x0a"
_BYTE_ORDER = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_PCAPNG_BLOCK, _PACKET_BLOCKS = 12, frozenset({2, 3, 6})  # packet, simple packet, enhanced packet


def count_packets(data: bytes) -> int | None:
    """How many whole packets a capture holds; None where it is no capture, or breaks off in the middle of one.

    Layouts: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.
    """
    if data[:4] in _PCAP:
        return _count_pcap(data, _PCAP[data[:4]])
    if data[:4] == _PCAPNG and data[8:12] in _BYTE_ORDER:
        return _count_pcapng(data, _BYTE_ORDER[data[8:12]])
    return None


def _count_pcap(data: bytes, order: str) -> int | None:
    at, count = _PCAP_HEADER, 0
    while at < len(data):
        if at + _PCAP_RECORD > len(data):
            return None
        (kept,) = struct.unpack_from(f"{order}I", data, at + 8)
        at += _PCAP_RECORD + kept
        count += 1
    return count if at == len(data) else None


def _count_pcapng(data: bytes, order: str) -> int | None:
    at, count = 0, 0
    while at + _PCAPNG_BLOCK <= len(data):
        kind, length = struct.unpack_from(f"{order}II", data, at)
        if length < _PCAPNG_BLOCK:
            return None
        count += kind in _PACKET_BLOCKS
        at += length
    return count if at == len(data) else None
