"""Documents that are odd or meant to harm: a check gives findings and never raises, hangs or grows without bound."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drillbook.checks import Finding, check_document
from drillbook.checks.checked import Checked
from drillbook.checks.formats import github, junit, report, sarif, text
from drillbook.errors import InputError
from drillbook.runbook.source import decode

FORMATS = (github, junit, report, sarif, text)
MEMORY_BYTES = 3_000_000_000  # of address space: enough for what is meant to work, not for what grows without bound


def check(document: str | bytes) -> tuple[Finding, ...]:
    """The findings, whose places are in the document and which every format takes."""
    source = document if isinstance(document, bytes) else document.encode(errors="replace")
    found = check_document(source, "runbook.md")
    try:
        lines = decode(source, "runbook.md").lines
    except InputError:
        lines = ()
    for each in found:
        assert 1 <= each.line <= each.end_line
        assert (each.line, each.column) < (each.end_line, each.end_column)
        assert not lines or each.end_line <= len(lines)
    for form in FORMATS:
        "".join(form.render([Checked(path="runbook.md", lines=lines, findings=found)]))
    return found


def rules(document: str | bytes) -> set[str]:
    return {each.rule for each in check(document)}


DEEP = {
    "quotes": "> " * 3000 + "x\n",
    "lists": "".join("  " * depth + "- a\n" for depth in range(300)),
    "lists of one line": "- " * 2000 + "x\n",
    "emphasis": "*a **" * 2000 + "\n",
    "brackets": "[" * 20_000 + "](" * 20_000 + "\n",
    "html": "<div>" * 20_000 + "\n",
    "parentheses": "```bash\n" + "(" * 3000 + "\n```\n",
    "substitutions": "```bash\n" + "$(" * 2000 + "a" + ")" * 2000 + "\n```\n",
    "quoted substitutions": "```bash\n" + 'echo "$(' * 500 + ')"' * 500 + "\n```\n",
    "conditions": "```bash\n" + "if a; then " * 300 + "b" + "; fi" * 300 + "\n```\n",
    "json": "```bash\nkubectl patch svc a -p '" + "[" * 1500 + "]" * 1500 + "'\n```\n",
    "yaml": "```bash\nkubectl patch svc a -p '" + "{a: " * 2000 + "}" * 2000 + "'\n```\n",
    "pipes": "```bash\n" + "a | " * 2000 + "b\n```\n",
    "operators": "```bash\n" + "a && " * 2000 + "b\n```\n",
    "fences in fences": "".join("`" * length + "bash\n" for length in range(300, 3, -1)),
}


@pytest.mark.parametrize("name", DEEP)
def test_nesting_without_end(name: str) -> None:
    check(DEEP[name])


@pytest.mark.parametrize(
    "document", [b"", b"\n", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"```bash\n", b"---\n---\n"]
)
def test_what_is_hardly_a_document(document: bytes) -> None:
    check(document)


COMMAND = "ls | xargs rm"
AS = {
    "as it is": f"```bash\n{COMMAND}\n```\n",
    "Windows": f"# A\r\n\r\n```bash\r\n{COMMAND}\r\n```\r\n",
    "old Mac": f"# A\r\r```bash\r{COMMAND}\r```\r",
    "byte order mark": f"\ufeff```bash\n{COMMAND}\n```\n",
    "tabs": f"1. A\n\n\t```bash\n\t{COMMAND}\n\t```\n",
    "tilde fence": f"~~~sh\n{COMMAND}\n~~~\n",
    "longer fence": f'`````bash title="x"\n{COMMAND}\n`````\n',
    "attributes": f"```{{.bash .numberLines}}\n{COMMAND}\n```\n",
    "in a quote": f"> ```bash\n> {COMMAND}\n> ```\n",
    "front matter": f"---\ntitle: x\nowner: y\n---\n\n```bash\n{COMMAND}\n```\n",
    "ERB": f"<% if x %>\n```bash\n{COMMAND}\n```\n<% end %>\n",
    "MDX": f"import X from './x'\n\n<Tabs>\n\n```bash\n{COMMAND}\n```\n\n</Tabs>\n",
    "HTML around": f"<details>\n<summary>x</summary>\n\n```bash\n{COMMAND}\n```\n\n</details>\n",
    "never closed": f"```bash\n{COMMAND}\n",
    "bidi in the title": f"# \u202eA\u2066\n\n```bash\n{COMMAND}\n```\n",
    "control characters": f"# A\x1b[2J\x07\n\n```bash\n{COMMAND}\n```\n",
}


@pytest.mark.parametrize("name", [name for name in AS if name not in ("attributes", "never closed")])
def test_a_command_is_found_however_it_is_written_down(name: str) -> None:
    (found,) = [each for each in check(AS[name]) if each.rule == "RB045"]
    line = decode(AS[name].encode(), "a.md").lines[found.line - 1]
    assert line[found.column - 1 : found.end_column - 1] == "xargs"


@pytest.mark.parametrize("name", ["attributes", "never closed"])
def test_these_are_read_without_a_crash(name: str) -> None:
    check(AS[name])


@pytest.mark.parametrize(
    "document",
    [
        f"    {COMMAND}\n",  # an indented block says no language
        f"```text\n{COMMAND}\n```\n",
        f"<!--\n```bash\n{COMMAND}\n```\n-->\n",
        f"---\nrun: |\n  {COMMAND}\n---\n\n# A\n",
    ],
)
def test_what_is_no_command_is_none(document: str) -> None:
    assert "RB045" not in rules(document)


def test_a_console_with_prompts_and_output_is_no_script() -> None:
    console = "```console\n$ ls | xargs rm\nrm: missing operand\n```\n"
    assert "RB001" not in rules(console)


def test_characters_that_cannot_be_seen_do_not_get_into_the_text() -> None:
    document = "```bash\nls | xargs rm \u202e\x1b[2J\x07\n```\n"
    found = check_document(document.encode(), "a.md")
    shown = "".join(text.render([Checked(path="a\x1b.md", lines=tuple(document.split("\n")), findings=found)]))
    assert not {"\u202e", "\x07"} & set(shown)
    assert "\x1b[2J" not in shown


LARGE = {
    "100,000 fences": "```\n" * 100_000,
    "5,000 blocks": "```bash\nls | xargs rm\n```\n" * 5_000,
    "one line": "```bash\necho " + "a" * 9_000_000 + "\n```\n",
    "curls": "```bash\n" + "curl http://a/b\n" * 5_000 + "```\n",
    "ignores": "<!-- drillbook-ignore RB012: x -->\n" * 50_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_document_ends_in_bounded_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "large.md"
    path.write_text(LARGE[name], encoding="utf-8")
    code = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({MEMORY_BYTES}, {MEMORY_BYTES}))\n"
        "from drillbook.cli import main\nmain()\n"
    )
    command = [sys.executable, "-c", code, "check", str(path), "--format", "json", "--fail-on", "error"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    assert not done.stderr


PIECES = st.sampled_from(
    [
        "# ",
        "## Down\n",
        "1. **Do**\n\n",
        "   ",
        "    ",
        "\t",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "> ",
        "- ",
        "```",
        "```bash\n",
        "```console\n",
        "~~~sh\n",
        "````",
        "---\n",
        "<!-- drillbook-ignore ",
        "RB012: x",
        " -->",
        "<div>",
        "<% x %>",
        "{{x}}",
        "kubectl ",
        "exec -it a -- sh ",
        "patch svc a -p '{\"spec\":{}}' ",
        "delete pod x --force ",
        "scale --replicas=0 ",
        "curl ",
        "http://a/b ",
        "xargs ",
        "watch ",
        "sudo ",
        "timeout 5 ",
        "slack-notify #ops ",
        "$ ",
        "| ",
        "|| true ",
        "&& ",
        "> /tmp/x ",
        "2>&1 ",
        "<<E\n",
        "E\n",
        "'",
        '"',
        "`",
        "$(",
        ")",
        "${A}",
        "$B ",
        "A=1 ",
        "\\\n",
        " # c\n",
        "; ",
        "&\n",
        "for i in 1; do ",
        "done\n",
        "if a; then ",
        "fi\n",
        "while true; do ",
        "<pod-name> ",
        "...",
        "YOUR_TOKEN ",
        "5 minutes ",
        "é",
        "\u202e",
        "\x1b",
        "\u2028",
        "\ufeff",
        "\x0b",
        "😀",
        "-n",
        " a",
        "=",
        "{",
        "}",
        "[",
        "]",
        "*",
        "?",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_is_checked(document: str) -> None:
    check(document)


@given(st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_shell_block_is_checked(script: str) -> None:
    check(f"## Down\n\n1. **Do**\n\n```bash\n{script}\n```\n")


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_checked(source: bytes) -> None:
    check(source)
