from pathlib import Path

import pytest

from drillbook.checks.dry_run import DRY_RUN, Ask
from drillbook.cluster.dry_run import asking
from drillbook.errors import CannotRunError


def ask_one_that(does: str, directory: Path) -> Ask:
    """What asks a program in the place of kubectl."""
    program = directory / "kubectl"
    program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    program.chmod(0o755)
    return asking(program, directory / "kubeconfig")


def test_a_refusal_is_what_was_said_and_nothing_where_it_was_let_pass(tmp_path: Path) -> None:
    assert ask_one_that("echo refused >&2; exit 1", tmp_path)(("delete", DRY_RUN)) == "refused"
    assert ask_one_that("echo a warning >&2", tmp_path)(("delete", DRY_RUN)) == ""


def test_only_the_clusters_own_configuration_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/another")
    said = ask_one_that('echo "$1 $KUBECONFIG $HOME" >&2; exit 1', tmp_path)(("delete", DRY_RUN))
    assert said == f"--kubeconfig={tmp_path / 'kubeconfig'}  {tmp_path}"


@pytest.mark.parametrize(
    "said",
    [
        "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
        "Unable to connect to the server: net/http: TLS handshake timeout",
    ],
)
def test_no_answer_is_no_refusal(said: str, tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="drillbook cluster up"):
        ask_one_that(f"echo '{said}' >&2; exit 1", tmp_path)(("delete", DRY_RUN))


def test_a_kubectl_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="could not be asked"):
        asking(tmp_path / "kubectl", tmp_path / "kubeconfig")(("delete", DRY_RUN))


def test_what_is_no_dry_run_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="would be carried out"):
        ask_one_that("exit 0", tmp_path)(("delete", "service", "web"))
