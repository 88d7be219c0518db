"""What holds for every document, however odd."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drillbook.errors import InputError
from drillbook.runbook import Block, Runbook, parse_runbook
from drillbook.runbook.plain_shell import split_plain
from drillbook.runbook.shell import split_all, split_with_shfmt
from drillbook.runbook.split import Split, Unsplit

FRAGMENTS = st.sampled_from(
    [
        "# ",
        "## Step 1: ",
        "### 2. ",
        "1. ",
        "7) ",
        "- ",
        "* ",
        "> ",
        "   ",
        "    ",
        "\t",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "```",
        "```bash\n",
        "```sh\n",
        "~~~\n",
        "````",
        "---\n",
        "===\n",
        "**",
        "__",
        "if it fails ",
        "(< 5 minutes)",
        "5-15 min",
        "every 2 h ",
        "rate > 10% ",
        "| 0-5 min | a |\n",
        "ls -l\n",
        "a | b\n",
        "cat <<E\n",
        "E\n",
        "'",
        '"',
        "$(",
        ")",
        "`",
        "{ ",
        "}\n",
        "; ",
        "&\n",
        "\\\n",
        " # c\n",
        "é",
        "\ufeff",
        "\u2028",
        "\x0c",
        "\\",
        "<b>",
        "<!--",
        "&lt;",
        "[a](b)",
        "word ",
    ]
)
DOCUMENTS = st.lists(FRAGMENTS, max_size=40).map("".join)

COMMANDS = st.sampled_from(
    [
        "ls -l",
        "a | b",
        "a && b || c",
        "cat <<E\nx # y\n\nE",
        "cat <<E | grep x\ny\nE",
        "cat <<'A' <<-B\n1\nA\n\t2\n\tB",
        "cat <<E; b\nz\nE",
        "cat <<E\nE",
        "a \\\n  --b",
        "if a; then\n  b # c\nfi",
        "f() {\n\n  g\n}",
        "a &",
        "a; b # c",
        "# only",
        "  # far",
        "echo 'x\ny'",
        'echo "# no"',
        "(a\nb)",
        "x=$(\n  a\n)",
        "[[ a == b ]]",
        "échec # ü",
        "a #b",
        "for i in 1 2; do echo $i; done",
        "! a",
        "time a",
        "case a in\nb) c ;;\nesac",
    ]
)
FAULTY = st.sampled_from(["if", "echo 'open", "cat <<E\nno end", "a |", ")", "a &&", "$(", "for", '"', "`", "a \\"])
FENCES = st.sampled_from([("", "```"), ("   ", "~~~~"), ("> ", "```"), ("1. > ", "```"), ("- ", "```"), ("\t", "```")])


def parsed(text: str) -> Runbook | None:
    try:
        return parse_runbook(text.encode(), "doc.md")
    except InputError as error:
        assert error.path == "doc.md"  # noqa: PT017 - most documents here are whole
        return None


def lines_of(text: str) -> list[str]:
    return re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))


def check_places(runbook: Runbook, lines: list[str]) -> None:
    """Every command and comment is found in the document at its line and column, less removed indentation."""
    for block in runbook.blocks:
        for command in block.commands:
            first, *others = command.text.split("\n")
            assert lines[command.line - 1][command.column - 1 :].startswith(first)
            assert command.end_line == command.line + len(others)
            for line, text in enumerate(others, start=command.line):
                assert text.strip() in lines[line]
        for comment in block.comments:
            assert lines[comment.line - 1][comment.column - 1] == "#"
            assert comment.text in lines[comment.line - 1]


def check_order(runbook: Runbook) -> None:
    """Commands stand in the document's order, and the steps of all procedures hold each block once."""
    places = [(each.line, each.column) for block in runbook.blocks for each in block.commands]
    assert places == sorted(places)
    assert len(set(places)) == len(places)
    held = [[block.index for step in each.steps for block in step.blocks] for each in runbook.procedures]
    assert all(indices == sorted(indices) for indices in held)
    flat = [index for indices in held for index in indices]
    assert len(flat) == len(set(flat))
    assert all(block.index in flat for block in runbook.blocks if block.commands)


def check_cover(block: Block) -> None:
    """Commands and comments make up every line of a block that is not blank."""
    covered = {line for each in block.commands for line in range(each.line, each.end_line + 1)}
    covered |= {comment.line for comment in block.comments}
    for line, text in enumerate(block.text.split("\n"), start=block.text_line):
        assert line in covered or not text.strip(" \t\\")


def check(text: str) -> Runbook | None:
    runbook = parsed(text)
    if runbook is not None:
        check_places(runbook, lines_of(text))
        check_order(runbook)
        for block in runbook.blocks:
            if block.commands or block.comments:
                check_cover(block)
    return runbook


@given(DOCUMENTS)
@settings(max_examples=300, deadline=None)
def test_odd_documents(text: str) -> None:
    check(text)


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text(text: str) -> None:
    if "\0" not in text:
        check(text.encode(errors="replace").decode())


@given(st.binary(max_size=100))
@settings(max_examples=150, deadline=None)
def test_any_bytes(data: bytes) -> None:
    parsed_or_refused = None
    try:
        parsed_or_refused = parse_runbook(data, "doc.md")
    except InputError as error:
        assert all((error.what, error.path, error.expected, error.got, error.mend))  # noqa: PT017 - either will do
    assert parsed_or_refused is None or parsed_or_refused.blocks is not None


@given(st.lists(st.lists(COMMANDS | FAULTY, min_size=1, max_size=4).map("\n".join), min_size=1, max_size=6), FENCES)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_blocks_of_shell(scripts: list[str], fence: tuple[str, str]) -> None:
    first, marks = fence
    rest = first if first in ("> ", "\t") else " " * len(first)
    if first == "1. > ":
        rest = "   > "
    text = ""
    for script in scripts:
        body = "".join(f"{rest}{line}\n" for line in script.split("\n"))
        text += f"\nprose\n\n{first}{marks}bash\n{body}{rest}{marks}\n"
    runbook = check(text)
    assert runbook is not None


@given(st.lists(st.lists(COMMANDS | FAULTY, min_size=1, max_size=3).map("\n".join), min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_splitting_many_at_once_is_splitting_each(texts: list[str]) -> None:
    together, alone = split_with_shfmt(texts), [split_with_shfmt([text])[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        if isinstance(one, Split) or isinstance(other, Split):
            assert one == other


@given(st.lists(COMMANDS, min_size=1, max_size=6))
@settings(max_examples=100, deadline=None)
def test_what_bash_can_parse_is_split(commands: list[str]) -> None:
    text = "\n".join(commands)
    (split,) = split_with_shfmt([text])
    assert split_all([text]) == [split]
    assert isinstance(split, Split)
    spans = [*split.statements, *split.comments]
    parts = [text[span.start : span.end] for span in sorted(spans, key=lambda each: each.start)]
    assert " ".join(parts).split() == re.sub(r"(?m)^a; b", "a b", text).split()


WORDS = st.sampled_from(
    [
        *(
            "ls",
            "-l",
            "--all=x",
            "a.b/c",
            "$HOME",
            "${A}",
            '"a b"',
            "'a b'",
            "|",
            "||",
            "&&",
            ">",
            ">>",
            "2>",
            "2>&1",
            "<",
        ),
        *(
            "<<E",
            "# c",
            "if",
            "then",
            "fi",
            "time",
            "export",
            "do",
            "in",
            "{",
            "}",
            "(",
            ")",
            "[[",
            "]]",
            "!",
            ";",
            "&",
        ),
        *(
            "*",
            "?",
            "=",
            "a=b",
            "+=",
            "a=",
            "E",
            '"',
            "'",
            "$",
            "`",
            "$(",
            "#",
            "a#b",
            "~",
            "%1",
            "é",
            "\u00a0",
            "\x0b",
        ),
        *(
            "[a]",
            "{a,b}",
            "1",
            "a[1]=2",
            "@",
            "coproc",
            "let",
            "\\",
            '\\"',
            '"\\"',
            '"$A\\|"',
            "\\$",
            "function",
            "select",
            "$(a b)",
            "$(a | b -c)",
            "$(a 'b' \"$C\")",
            "\"$(a '{b}' | c)\"",
            '"d $(a "b c")"',
            "$(if)",
            "$(a #b)",
        ),
    ]
)
PLAIN_TEXTS = st.lists(
    st.lists(st.tuples(WORDS, st.sampled_from([" ", "", "\t", "  "])).map("".join), max_size=5).map("".join), max_size=4
).map("\n".join)


@given(PLAIN_TEXTS | st.text(alphabet="ab1 =|&><'\"$#\n-.*?{}()\t", max_size=16))
@settings(max_examples=400, deadline=None)
def test_a_plain_text_is_split_as_shfmt_would(text: str) -> None:
    split = split_plain(text)
    assert split is None or [split] == split_with_shfmt([text])
    (found,), (expected,) = split_all([text]), split_with_shfmt([text])
    assert found == expected or (isinstance(found, Unsplit) and isinstance(expected, Unsplit))
