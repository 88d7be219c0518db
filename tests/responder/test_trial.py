from pathlib import Path

import pytest

from drillbook.effects import Trial
from drillbook.responder.session import ShellSession
from drillbook.responder.transport import LocalPlace
from drillbook.responder.trial import is_safe, try_commands

COMMANDS = {
    "kubectl get pods": Trial(exit_code=1, calls=("kubectl",)),
    "kubectl get pods | tail -20": Trial(exit_code=0, calls=("kubectl",)),
    "curl -f http://web || echo down": Trial(exit_code=0, calls=("curl",)),
    "curl -f http://web": Trial(exit_code=7, calls=("curl",)),
    "mkdir -p incident": Trial(exit_code=0, calls=()),
    "while true; do kubectl get pods; done": Trial(exit_code=None, calls=("kubectl",)),
    "sh -c 'kubectl get pods; exit 0'": Trial(exit_code=0, calls=("kubectl",)),
    "test -s kept.txt": Trial(exit_code=0, calls=()),
    "rm -rf kept.txt; echo gone > kept.txt": Trial(exit_code=0, calls=()),
    "echo 'unbalanced": Trial(exit_code=2, calls=()),
    "env | grep -E 'SECRET_OF_MINE|KUBERNETES_'": Trial(exit_code=1, calls=()),
    "/usr/bin/kubectl get pods": None,
    "cat < /dev/tcp/127.0.0.1/80": None,
    "kill $PPID": None,
}


def test_commands_run_again_where_all_that_they_call_fails(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "1")
    (directory / "kept.txt").write_text("kept\n")
    found = dict(zip(COMMANDS, try_commands(LocalPlace(), str(directory), list(COMMANDS)), strict=True))
    programs = {"kubectl", "curl"}
    for text, trial in found.items():
        if trial is not None:
            assert set(trial.calls) <= programs, text
    assert found == COMMANDS
    assert [path.name for path in directory.iterdir()] == ["kept.txt"]
    assert (directory / "kept.txt").read_text() == "kept\n"


def test_scripts_and_other_programs_fail_too(directory: Path) -> None:
    script = directory / "rollback.sh"
    script.write_text("#!/bin/sh\nkubectl rollout undo deployment/web\nexit 0\n")
    script.chmod(0o755)
    (trial,) = try_commands(LocalPlace(), str(directory), ["bash rollback.sh; python3 -c 'print(1)'; true"])
    assert trial is not None
    assert trial.exit_code == 0
    assert {"kubectl", "python3"} <= set(trial.calls)


def test_nothing_is_tried_where_nothing_is_safe_or_the_place_is_gone(directory: Path) -> None:
    assert try_commands(LocalPlace(), str(directory), ["/bin/kubectl x"]) == (None,)
    assert try_commands(LocalPlace(), str(directory / "none"), []) == ()


@pytest.mark.parametrize("text", ["echo x; /bin/true", "$TOOL get", "~/bin/tool", "PATH=/bin tool", "pkill x; kill 1"])
def test_what_may_reach_past_the_stubs_is_not_tried(text: str) -> None:
    assert not is_safe(text)


def test_a_new_shell_has_none_of_the_old_ones_state(session: ShellSession, directory: Path) -> None:
    session.run("x=1; cd /; trap 'echo done >left' EXIT", timeout_s=10)
    session.new_shell()
    assert session.run('echo "$x"; pwd', timeout_s=10).stdout.decode() == f"\n{directory}\n"
    assert session.reopenings == ()
