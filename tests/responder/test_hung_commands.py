import secrets
from pathlib import Path

import pytest

from drillbook.clock import RunClock
from drillbook.responder.session import ShellSession
from drillbook.responder.transport import LocalPlace
from drillbook.timeline import CommandEnd

LONG = f"6{secrets.randbelow(10**9):09}"  # seconds: a number by which this run's processes are known
IGNORES_SIGNALS = f"bash -c \"trap '' TERM INT HUP; while :; do sleep {LONG}; done\""


def processes_with(marker: str) -> list[str]:
    """Command lines of live processes that hold the marker (zombies have none)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in line and "drillbook" not in line:
            found.append(line)
    return found


@pytest.mark.parametrize(
    "text",
    [
        f"sleep {LONG}",
        f"sleep {LONG} | cat",
        "while true; do :; done",
        f"while true; do sleep {LONG}; done",
        "until false; do (sleep 0.01); done",
        IGNORES_SIGNALS,
        f"{IGNORES_SIGNALS} | cat",
        f"( (sleep {LONG}) ; sleep {LONG} )",
        f"x=$(sleep {LONG})",
        f"sleep {LONG} & wait",
        "mkfifo p; read line <p",
        "tail -f /dev/null",
        "yes",
        f"eval 'sleep {LONG}; echo not reached'",
    ],
)
def test_a_hung_command_is_killed_and_the_shell_goes_on(session: ShellSession, text: str) -> None:
    session.run("kept=yes; cd /", timeout_s=5)
    result = session.run(text, timeout_s=0.3)
    assert (result.end, result.exit_code, result.pipe_status) == (CommandEnd.TIMED_OUT, None, ())
    assert 0.3 <= result.duration_s < 5
    assert b"not reached" not in result.stdout
    assert processes_with(f"sleep {LONG}") == []
    after = session.run("echo $kept; pwd", timeout_s=5)
    assert after.stdout == b"yes\n/\n"
    assert session.reopenings == ()


def test_what_it_wrote_before_it_hung_is_kept(session: ShellSession) -> None:
    result = session.run(f"echo begun; echo trouble >&2; sleep {LONG}", timeout_s=0.3)
    assert (result.stdout, result.stderr.startswith(b"trouble\n")) == (b"begun\n", True)


def test_a_child_that_left_for_a_session_of_its_own_is_killed_too(session: ShellSession) -> None:
    result = session.run(
        f"(setsid sleep {LONG} >/dev/null 2>&1 &); setsid -f sleep {LONG}; sleep {LONG}", timeout_s=0.3
    )
    assert result.end is CommandEnd.TIMED_OUT
    assert processes_with(f"sleep {LONG}") == []


def test_jobs_of_the_hung_command_are_killed_and_older_ones_stay(session: ShellSession) -> None:
    session.run(f"(while :; do sleep {LONG}.5; done) &", timeout_s=5)
    session.run("true", timeout_s=5)
    result = session.run(f"sleep {LONG}.7 & sleep {LONG}.9", timeout_s=0.3)
    assert result.end is CommandEnd.TIMED_OUT
    assert processes_with(f"sleep {LONG}.7") + processes_with(f"sleep {LONG}.9") == []
    assert len(processes_with(f"sleep {LONG}.5")) == 1
    assert b"Running" in session.run("jobs", timeout_s=5).stdout


def test_a_daemon_of_the_command_just_before_stays(session: ShellSession) -> None:
    for _ in range(5):
        session.run(f"setsid -f sleep {LONG}.3", timeout_s=5)
        session.run(f"sleep {LONG}.4", timeout_s=0.1)
    assert RunClock().wait_until(lambda: len(processes_with(f"sleep {LONG}.3")) == 5, deadline_s=2.0, interval_s=0.01)
    assert processes_with(f"sleep {LONG}.4") == []


def test_a_shell_that_cannot_be_interrupted_is_replaced(session: ShellSession, directory: Path) -> None:
    session.run("trap '' INT; kept=no", timeout_s=5)
    result = session.run("while true; do :; done", timeout_s=0.3)
    assert result.end is CommandEnd.TIMED_OUT
    after = session.run('echo "<$kept>"; pwd', timeout_s=5)
    assert after.stdout == f"<>\n{directory}\n".encode()
    assert ["had to be killed" in reopening.reason for reopening in session.reopenings] == [True]


def test_a_flood_is_counted_without_being_kept(session: ShellSession) -> None:
    result = session.run("yes flood", timeout_s=1.0)
    assert result.end is CommandEnd.TIMED_OUT
    assert 1_000_000 < result.stdout_bytes < 40_000_000  # not the gigabytes that it could write
    assert len(result.stdout) < 140_000


def test_the_status_after_a_kill_is_that_of_an_interrupt(session: ShellSession) -> None:
    session.run(f"sleep {LONG}", timeout_s=0.2)
    assert session.run("echo $?", timeout_s=5).stdout == b"130\n"


def test_a_stopped_command_is_not_a_hung_one(session: ShellSession) -> None:
    result = session.run("bash -c 'kill -STOP $$'", timeout_s=2)
    assert result.end is CommandEnd.EXITED
    assert b"Stopped" in session.run("jobs", timeout_s=2).stdout


def test_closing_kills_what_the_session_left_running(directory: Path) -> None:
    session = ShellSession(LocalPlace(), RunClock(), directory=str(directory))
    session.run(f"nohup sleep {LONG} >/dev/null 2>&1 & setsid sleep {LONG} & disown", timeout_s=5)
    session.run(f"(setsid -f sleep {LONG})", timeout_s=5)
    session.run(f"{IGNORES_SIGNALS} &", timeout_s=5)
    assert RunClock().wait_until(lambda: len(processes_with(f"sleep {LONG}")) >= 4, deadline_s=5.0, interval_s=0.01)
    session.close()
    assert processes_with(f"sleep {LONG}") == []


def test_one_session_does_not_kill_what_another_started(session: ShellSession, directory: Path) -> None:
    other = ShellSession(LocalPlace(), RunClock(), directory=str(directory))
    session.run(f"sleep {LONG} & (setsid -f sleep {LONG})", timeout_s=5)
    other.run(f"sleep {LONG}", timeout_s=0.2)
    other.close()
    assert RunClock().wait_until(lambda: len(processes_with(f"sleep {LONG}")) == 2, deadline_s=5.0, interval_s=0.01)


def test_a_shell_that_vanishes_with_its_supervisor_is_lost_and_not_failed(
    session: ShellSession, directory: Path
) -> None:
    result = session.run("echo begun; kill -9 $PPID $$", timeout_s=5)
    assert (result.end, result.exit_code, result.stdout) == (CommandEnd.LOST, None, b"begun\n")
    assert session.run("pwd", timeout_s=5).stdout == f"{directory}\n".encode()
    assert ["lost" in reopening.reason for reopening in session.reopenings] == [True]


def test_while_the_place_is_gone_every_command_is_lost(session: ShellSession, directory: Path) -> None:
    session.run("kill -9 $PPID $$", timeout_s=5)
    directory.rename(directory.with_name("away"))
    assert session.run("echo nobody", timeout_s=1).end is CommandEnd.LOST
    directory.with_name("away").rename(directory)
    assert session.run("echo back", timeout_s=5).stdout == b"back\n"
    assert len(session.reopenings) == 1
