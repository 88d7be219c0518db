"""Documents that are checked together have the findings of each by itself."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from drillbook.checks.engine import Document, check_document, check_documents
from drillbook.cli import drillbook
from drillbook.runbook import shell

_SCRIPTS = (
    "kubectl get pods -n shop | grep web",
    'POD=$(kubectl get pod -n shop -o name); kubectl delete "$POD" --force',
    "if true; then\n  curl http://web/\nfi",
    "cat <<EOF > ü.yaml\nreplicas: 1\nEOF",
    "if )",
    "echo 'never closed",
    "echo ends \\",
    "((" * 3,
)
_FENCES = ("```bash\n{}\n```\n", "1. Look\n\n   ```sh\n   {}\n   ```\n", "```bash\n{}\n", "{}\n")
_DOCUMENTS = st.lists(st.tuples(st.sampled_from(_FENCES), st.sampled_from(_SCRIPTS)), max_size=4).map(
    lambda pieces: "## Web is down\n\n" + "\n".join(fence.format(script) for fence, script in pieces)
)


def _document(text: str) -> Document:
    return Document(source=text.encode(), path="book.md")


@settings(max_examples=60, deadline=None)
@given(st.lists(_DOCUMENTS, max_size=5))
def test_findings_do_not_hang_on_the_other_documents(texts: list[str]) -> None:
    together = list(check_documents([_document(text) for text in texts]))
    assert together == [check_document(text.encode(), "book.md") for text in texts]


def test_a_document_of_many_errors_takes_no_processes_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "_MAX_RUNS", 3)
    broken, sound = ["if )"] * 5, ["(ls)"]
    assert shell.split_each([broken, sound]) == [shell.split_all(broken), shell.split_all(sound)]


def test_what_stands_before_a_file_that_cannot_be_read_is_shown(tmp_path: Path) -> None:
    first = tmp_path / "first.md"
    first.write_text("## A\n\n```bash\nwatch ls\n```\n", encoding="utf-8")
    done = CliRunner().invoke(drillbook, ["check", str(first), str(tmp_path / "absent.md")])
    assert "RB020" in done.output
    assert done.exception is not None
