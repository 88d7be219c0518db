import itertools
import re
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drillbook.responder.files import parse_listing
from drillbook.responder.protocol import (
    CappedOutput,
    Mark,
    MarkScanner,
    can_be_followed,
    new_token,
    quote,
    request,
    without_terminal_complaints,
)

TOKEN = b"0123456789abcdef" * 2
OTHER = b"fedcba9876543210" * 2
MARK = b"\x1e" + TOKEN + b" 1 0 1|99 20|12 13\x1e"
# Pieces that look like marks to everything but a careful reader.
pieces = st.one_of(
    st.binary(max_size=20),
    st.sampled_from(
        [b"\x1e", b"\x1e" + TOKEN, TOKEN + b" 0\x1e", b"\x1e" + OTHER + b" 0\x1e", MARK[:-1], b"\x1e\x1e", b" "]
    ),
)


def scan(scanner: MarkScanner, data: bytes, cuts: list[int]) -> tuple[bytes, list[Mark]]:
    bounds = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    found = [event for start, end in itertools.pairwise(bounds) for event in scanner.feed(data[start:end])]
    found.append(scanner.flush())
    output = b"".join(event for event in found if isinstance(event, bytes))
    return output, [event for event in found if isinstance(event, Mark)]


@given(st.lists(pieces, max_size=12), st.lists(pieces, max_size=4), st.lists(st.integers(0, 10_000), max_size=20))
def test_a_mark_is_found_and_every_other_byte_kept_however_the_stream_is_cut(
    before: list[bytes], after: list[bytes], cuts: list[int]
) -> None:
    first, last = b"".join(before), b"".join(after)
    scanner = MarkScanner()
    scanner.expect(TOKEN)
    output, marks = scan(scanner, first + MARK + last, cuts)
    whole_output, whole_marks = scan_at_once(first + MARK + last)
    assert (output, marks) == (whole_output, whole_marks)
    # A command does not know the token; only where the pieces hold it can they spoil the real mark.
    assert TOKEN in first or Mark(TOKEN, (1, 0, 1), (99, 20), (12, 13)) in marks


def scan_at_once(data: bytes) -> tuple[bytes, list[Mark]]:
    """What the stream means, by a plain expression over all of it."""
    pattern = rb"\x1e" + TOKEN + rb" ([0-9 |]*)\x1e"
    marks = [[tuple(map(int, part.split())) for part in text.split(b"|")] for text in re.findall(pattern, data)]
    return re.sub(pattern, b"", data), [Mark(TOKEN, *parts[:3]) for parts in marks]


def test_a_token_that_is_not_expected_is_output() -> None:
    scanner = MarkScanner()
    scanner.expect(OTHER)
    assert scanner.feed(MARK + b".") == [MARK + b"."]
    scanner.forget(OTHER)
    assert scanner.feed(b"\x1e" + OTHER + b" 0\x1e.") == [b"\x1e" + OTHER + b" 0\x1e."]


def test_the_scanner_holds_back_no_more_than_a_mark_could_be_long() -> None:
    scanner = MarkScanner()
    scanner.expect(TOKEN)
    start = b"\x1e" + TOKEN + b" "
    given_back = b"".join(event for event in scanner.feed(start + b"1" * 10_000) if isinstance(event, bytes))
    assert len(given_back) >= len(start) + 10_000 - 4096


@given(st.lists(st.binary(max_size=50), max_size=30), st.integers(0, 20), st.integers(1, 20))
def test_capped_output_keeps_head_and_tail_and_the_true_size(chunks: list[bytes], head: int, tail: int) -> None:
    output, whole = CappedOutput(head_bytes=head, tail_bytes=tail), b"".join(chunks)
    for chunk in chunks:
        output.add(chunk)
    assert output.size_bytes == len(whole)
    if len(whole) <= head + tail:
        assert output.content() == whole
    else:
        note = b"\n[drillbook: %d bytes left out]\n" % (len(whole) - head - tail)
        assert output.content() == whole[:head] + note + whole[-tail:]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200).filter(lambda text: b"\0" not in text))
def test_bash_reads_the_same_bytes_from_one_line(text: bytes) -> None:
    quoted = quote(text)
    assert b"\n" not in quoted
    done = subprocess.run(["bash"], input=b"builtin printf %s " + quoted + b"\n", capture_output=True, check=True)
    assert done.stdout == text


def test_a_request_is_one_line() -> None:
    token = new_token()
    line = request(b"cat <<EOF\na'b\nEOF\n", token, last_status=3)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert token in line


def test_tokens_do_not_repeat() -> None:
    assert len({new_token() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "text",
    [
        "a | b",
        "false",
        "cat <<EOF | kubectl apply -f -\nx\nEOF",
        "cat <<-'END' | b\n\tx\n\tEND\n",
        "tr a b <<<$x | c",
        "a |\n  b # why",
        "a \\\n | b",
    ],
)
def test_commands_that_surely_end(text: str) -> None:
    assert can_be_followed(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only words",
        "a |",
        "a | # and then",
        "a &&",
        "a ||  ",
        "echo \\",
        "cat <<EOF\nx",
        "cat <<$(x)\n",
        "a |\n# b",
    ],
)
def test_commands_that_might_go_on(text: str) -> None:
    assert not can_be_followed(text.encode())


def test_only_the_shells_own_complaint_about_its_terminal_is_taken_out() -> None:
    complaint = b"bash: [42: 3 (255)] tcsetattr: Inappropriate ioctl for device\n"
    assert without_terminal_complaints(b"a\n" + complaint + b"b\n", 42) == b"a\nb\n"
    assert without_terminal_complaints(complaint, 43) == complaint


def test_a_listing_without_the_digest_of_a_vanished_file_leaves_it_out() -> None:
    digest = b"a" * 64
    listing = b"d 4096 ./sub\0\0f 3 ./sub/a b\0\0f 4 ./gone\0\0l 2 ./link\0to\0\0" + digest + b"  ./sub/a b\0"
    states = parse_listing(listing)
    assert set(states) == {"sub/", "sub/a b", "link"}
    assert (states["sub/a b"].size_bytes, states["sub/a b"].sha256) == (3, digest.decode())
