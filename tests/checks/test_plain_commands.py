"""A plain command is read at a glance exactly as it is from shfmt's tree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drillbook.checks.shell.plain import read_plain
from drillbook.checks.shell.read import read_with_shfmt
from drillbook.runbook import Command, parse_runbook

PIECES = st.sampled_from(
    [
        "kubectl",
        "-n",
        "a",
        "b=c",
        "X=1",
        "x+=2",
        "*",
        "a?b",
        "~/x",
        "--f=g",
        "1",
        "2",
        "é",
        "a-b_c.d",
        "%",
        "^",
        "\\",
        " ",
        " ",
        " ",
        "  ",
        "\t",
        "|",
        "||",
        "&&",
        "|&",
        "&",
        ";",
        ">",
        ">>",
        ">|",
        "2>",
        "2>&1",
        ">&2",
        "&>",
        "<",
        "1>&",
        "> ",
        "'",
        '"',
        "'a b'",
        '"a b"',
        '"$X"',
        '"${X}"',
        '"a\\"b"',
        '"a\\b"',
        '"\\\\$X"',
        '"\\$X"',
        '"$"',
        "$X",
        "${X}",
        "$1",
        "$?",
        "$X[0]",
        '"$X[0]"',
        "${X:-1}",
        "$(a)",
        "`a`",
        "{a,b}",
        "[",
        "]",
        "(",
        ")",
        "#",
        " #a",
        "!",
        "time",
        "if",
        "export",
        "test",
        "in",
        "''",
        '""',
        "\u2026",
        "\u00a0",
        "\x0b",
        "\x7f",
        "$'a'",
        '$"a"',
        "@",
        ",",
    ]
)
LINES = st.lists(PIECES, min_size=1, max_size=12).map("".join)


def commands_of(line: str) -> tuple[tuple[Command, ...], tuple[str, ...]]:
    document = f"# é\n\n   ```bash\n   {line}\n   ```\n"
    (block,) = parse_runbook(document.encode(), "a.md").blocks
    return block.commands, tuple(document.split("\n"))


def same(line: str) -> bool:
    """Whether both agree; also how many were plain enough to be asked is of interest, so that is the answer."""
    commands, lines = commands_of(line)
    read = [read_plain(command) for command in commands]
    for mine, theirs in zip(read, read_with_shfmt(commands, lines), strict=True):
        assert mine is None or mine == theirs
    return bool(read) and all(each is not None for each in read)


@pytest.mark.parametrize(
    "line",
    [
        "kubectl get pods -n shop -l app=web | tail -20 2>&1 >> log.txt",
        "a && b || c | d && e",
        'echo "é $X ${Y}z \\" \\$ \\x" \'q\'w"e"$R > "$F"',
        "a 2>err >out b",
        "curl http://a/b?c=d*",
        "''",
    ],
)
def test_these_are_plain_and_read_alike(line: str) -> None:
    assert same(line)


@pytest.mark.parametrize("line", ["X=1 a", "$(a)", "[ -f x ]", "for i in 1; do a; done", "a < b", "a &", "! a"])
def test_these_are_left_to_shfmt(line: str) -> None:
    assert all(read_plain(command) is None for command in commands_of(line)[0])


@given(LINES)
@settings(max_examples=1000, deadline=None)
def test_any_line_is_read_alike_or_left_to_shfmt(line: str) -> None:
    if line.strip():
        same(line)
