"""Input that is no runbook gives one located error; hostile input is neither slow nor greedy."""

import resource
import shutil
import time
from collections.abc import Callable

import pytest

from drillbook.errors import CannotRunError, InputError
from drillbook.runbook import parse_runbook, shell, shfmt, split


def refused(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        parse_runbook(data, "book.md")
    error = caught.value
    assert error.exit_code == 2
    assert error.path == "book.md"
    assert all((error.expected, error.got, error.mend))
    return error


@pytest.mark.parametrize(("data", "got"), [(b"", "0 bytes"), (b" \n\t\r\n", "5 bytes of white space")])
def test_empty(data: bytes, got: str) -> None:
    error = refused(data)
    assert (error.what, error.line, error.got) == ("the runbook is empty", 1, got)


def test_byte_order_mark_alone() -> None:
    assert refused(b"\xef\xbb\xbf\n").what == "the runbook is empty"


def test_not_utf8() -> None:
    error = refused("# ü\r\n\r\nAb schal\u00ad".encode() + b"t\xfcr\n")
    assert (error.what, error.line, error.column) == ("the runbook is not UTF-8", 3, 11)
    assert "0xfc at offset 19" in (error.got or "")


def test_nul() -> None:
    error = refused(b"# A\nls\0 -l\n")
    assert (error.what, error.line, error.column) == ("the runbook holds a NUL byte", 2, 3)


def test_too_large() -> None:
    assert refused(b"# A\n" + b"a" * 10_000_000).got == "10,000,004 bytes"


def test_too_many_lines() -> None:
    assert refused(b"# A\n" * 350_001).line == 350_001


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("# A\n\n```bash\nls\n", 3, 1),
        ("# A\n\n~~~bash\nls\n```\n", 3, 1),
        ("# A\n````\nls\n```\n", 2, 1),
        ("1. a\n\n   ```bash\n   ls\n```\n", 3, 4),
        ("> ```\n> ls\n>", 1, 3),
        ("> ```\n> ls\n\n```\n", 1, 3),
        ("```", 1, 1),
        ("# A\n```bash\nls\n```\n\n```bash\n\n\n", 6, 1),
    ],
)
def test_unclosed_fence(text: str, line: int, column: int) -> None:
    error = refused(text.encode())
    assert (error.what, error.line, error.column) == ("this fence is never closed", line, column)


@pytest.mark.parametrize(
    "text", ["```\n```\n", "```\n\n```", "- ```\n  a\n  ```", "> ~~~\n> ~~~", "   ````sh\n ```\n ````"]
)
def test_closed_fence(text: str) -> None:
    assert len(parse_runbook(text.encode(), "book.md").blocks) == 1


@pytest.mark.parametrize(
    "text", ["---\ntitle: x\n---\n# A\n", "---\n# note\na: b\n...\n# A\n"], ids=["dashes", "comment and dots"]
)
def test_front_matter_is_no_heading(text: str) -> None:
    assert [heading.title for heading in parse_runbook(text.encode(), "book.md").headings] == ["A"]


@pytest.mark.parametrize("text", ["---\n\n# A\n", "---\nno end: x\n# A\n" + "a\n" * 300])
def test_a_rule_is_no_front_matter(text: str) -> None:
    assert [heading.title for heading in parse_runbook(text.encode(), "book.md").headings] == ["A"]


HOSTILE: dict[str, Callable[[int], str]] = {
    "fences": lambda size: "```bash\na\n```\n" * (size // 14),
    "faulty fences": lambda size: "```bash\nif )\n```\n" * (size // 170),
    "quotes that pair up": lambda size: "```bash\necho 'a\n```\n" * (size // 200),
    "quotes": lambda size: "> " * (size // 2),
    "lists": lambda size: "".join("  " * depth + "- a\n" for depth in range(int(size**0.5))),
    "brackets": lambda size: "[" * size,
    "backticks": lambda size: "`" * size,
    "emphasis": lambda size: "1. " + "**a" * (size // 3),
    "conditions": lambda size: "1. " + "if this fails " * (size // 14),
    "figures": lambda size: "a > 1 " * (size // 6),
    "table": lambda size: "|a|1 min" * (size // 8) + "\n",
    "one line of commands": lambda size: "```bash\n" + "a;" * (size // 10) + "\n```\n",
    "open brackets": lambda size: "```bash\n" + "$(" * (size // 10) + "\n```\n",
    "numbered headings": lambda size: "# 1. a\n" * (size // 7),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_takes_linear_time_and_bounded_memory(name: str) -> None:
    small, large = HOSTILE[name](20_000).encode(), HOSTILE[name](80_000).encode()
    figures = []
    for data in (small, large):
        began = time.process_time(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        try:
            parse_runbook(data, "book.md")
        except InputError as error:
            assert len(str(error)) < 2_000  # noqa: PT017 - only some of them are refused
        figures.append(
            time.process_time() - began[0] + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began[1]
        )
    # Four times as much may take twelve times as long at most: quadratic would be sixteen, and noise is large.
    assert figures[1] < 0.5 + 12 * figures[0]


def test_a_fuse_bounds_the_number_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "_MAX_RUNS", 3)
    answers = shell.split_all(["if )"] * 5)
    assert [isinstance(answer, split.Unsplit) for answer in answers] == [True] * 5
    assert "too many syntax errors" in getattr(answers[4], "message", "")


def test_a_giant_block_is_kept_whole() -> None:
    runbook = parse_runbook(b"```bash\n" + b"(a)\n" * 20_000 + b"```\n```bash\nls\n```\n", "book.md")
    giant, small = runbook.blocks
    assert giant.syntax_fault
    assert "longer than" in giant.syntax_fault.message
    assert len(giant.commands) == 1
    assert [command.text for command in small.commands] == ["ls"]


def test_shfmt_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    shfmt._executable.cache_clear()
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    try:
        with pytest.raises(CannotRunError, match="shfmt-py"):
            parse_runbook(b"```bash\n(ls)\n```\n", "book.md")
    finally:
        shfmt._executable.cache_clear()


@pytest.mark.parametrize("program", ["/nonexistent/shfmt", "/bin/false"])
def test_shfmt_broken(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setattr(shfmt, "_executable", lambda: program)
    with pytest.raises(CannotRunError, match="shfmt"):
        shfmt.syntax_tree_json(b"ls")


def test_many_blocks_go_through_several_processes() -> None:
    runbook = parse_runbook(("# A\n" + "```bash\n(a" + " b" * 2_000 + ")\n```\n").encode() * 40, "book.md")
    assert [len(block.commands) for block in runbook.blocks] == [1] * 40
    assert all(block.syntax_fault is None for block in runbook.blocks)


@pytest.mark.parametrize("depth", [1_000, 20_000])  # too deep for us, and for shfmt itself
def test_shell_that_is_nested_too_deeply_is_a_fault_of_its_own_block(depth: int) -> None:
    deep = "(" * depth + "ls" + ")" * depth
    runbook = parse_runbook(f"# A\n\n```bash\n{deep}\n```\n\n```bash\n(ls)\n```\n".encode(), "doc.md")
    faults = [block.syntax_fault.message if block.syntax_fault else None for block in runbook.blocks]
    assert faults == ["nested too deeply to be split", None]
