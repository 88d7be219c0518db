import os
import signal
from pathlib import Path

import pytest

from drillbook.clock import RunClock
from drillbook.effects import CommandResult, ResponderSession
from drillbook.errors import InputError
from drillbook.responder.session import ShellSession
from drillbook.responder.transport import LocalPlace, ResponderUnreachableError
from drillbook.timeline import CommandEnd


def run(session: ResponderSession, text: str, timeout_s: float = 10.0) -> CommandResult:
    return session.run(text, timeout_s=timeout_s)


def out(session: ResponderSession, text: str) -> str:
    result = run(session, text)
    assert result.end is CommandEnd.EXITED
    return result.stdout.decode()


def test_outputs_apart_exit_code_and_times(session: ShellSession) -> None:
    result = run(session, "echo to out; echo to err >&2; (exit 7)")
    assert (result.stdout, result.stderr, result.exit_code, result.end) == (
        b"to out\n",
        b"to err\n",
        7,
        CommandEnd.EXITED,
    )
    assert (result.stdout_bytes, result.stderr_bytes) == (7, 7)
    later = run(session, "sleep 0.2")
    assert later.started_s > result.started_s
    assert 0.2 <= later.duration_s < 2


@pytest.mark.parametrize(
    ("text", "pipe_status"),
    [
        ("true", (0,)),
        ("false", (1,)),
        ("false | true", (1, 0)),
        ("true | (exit 3) | (exit 4)", (0, 3, 4)),
        ("cat <<'EOF' | grep -c b\na\nb\nEOF", (0, 0)),
        ("(exit 5) |\n  cat # the end", (5, 0)),
        ("! true | false", (0, 1)),
        ("# only a comment", (0,)),
        ("", (0,)),
        ("no-such-command-here", (127,)),
        ("kill -9 $BASHPID | true", (137, 0)),
        ("false | true; (exit 9)", (9,)),
    ],
)
def test_pipe_status_is_the_commands_own(session: ShellSession, text: str, pipe_status: tuple[int, ...]) -> None:
    assert run(session, text).pipe_status == pipe_status


def test_variables_functions_options_aliases_traps_and_directory_persist(
    session: ShellSession, directory: Path
) -> None:
    for text in (
        "x='a b'",
        'f() { echo "f $1"; }',
        "shopt -s nullglob",
        "alias ll='echo aliased'",
        "mkdir d; cd d",
        "set -- p q",
    ):
        assert run(session, text).exit_code == 0
    assert out(session, "trap 'echo bye' USR1; kill -USR1 $$") == "bye\n"
    assert out(session, 'echo "$x"; f 1; echo *.none; ll; pwd; echo "$2"') == f"a b\nf 1\n\naliased\n{directory}/d\nq\n"
    assert out(session, "declare local_to_nothing=1; echo $FUNCNAME") == "\n"
    assert out(session, "echo $local_to_nothing") == "1\n"


def test_a_hundred_commands_in_one_shell(session: ShellSession) -> None:
    pids = {out(session, f"n=$((n + 1)); echo $$ $n; test $n = {number}").split()[0] for number in range(1, 101)}
    assert len(pids) == 1
    assert out(session, "echo $n") == "100\n"


def test_the_last_status_is_there_for_the_next_command_and_errors_stay_unset(session: ShellSession) -> None:
    run(session, "(exit 42)")
    assert out(session, "echo $?") == "42\n"
    assert out(session, "echo $?") == "0\n"
    assert out(session, "false\necho $-").count("e") == 0
    assert out(session, "set -o | grep pipefail").split() == ["pipefail", "off"]


def test_a_trap_on_err_goes_off_once_for_one_error_and_not_for_the_next_command(session: ShellSession) -> None:
    run(session, "trap 'echo error' ERR")
    assert out(session, "false") == "error\n"
    assert out(session, "echo fine") == "fine\n"


@pytest.mark.parametrize(
    "text", ["cat", "read x; echo $?", "bash", "cat - | cat", "while read line; do echo $line; done"]
)
def test_a_command_that_reads_its_input_gets_its_end_and_not_the_next_command(session: ShellSession, text: str) -> None:
    assert run(session, text).end is CommandEnd.EXITED
    assert out(session, "echo next") == "next\n"


@pytest.mark.parametrize(
    "text", ["echo 'unbalanced", "if true; then", "foo(", "echo x |", "echo x &&", "done", "f()", "for i in a"]
)
def test_a_syntax_error_is_the_commands_and_the_session_goes_on(session: ShellSession, text: str) -> None:
    run(session, "kept=yes")
    result = run(session, text)
    assert result.exit_code == 2
    assert b"syntax error" in result.stderr or b"unexpected EOF" in result.stderr
    assert out(session, "echo $kept") == "yes\n"


def test_here_documents_continuations_and_many_lines(session: ShellSession) -> None:
    assert out(session, "cat <<EOF\n  $((1 + 1)) 'quoted' \\$x\nEOF") == "  2 'quoted' $x\n"
    assert out(session, "cat <<EOF\nnot ended") == "not ended\n"
    assert out(session, "echo a \\\n  b; # c\nfor i in 1 2; do\n\techo $i\ndone") == "a b\n1\n2\n"
    assert out(session, "echo 'two\nlines' \"$(printf '\\t!')\"") == "two\nlines \t!\n"
    assert out(session, "echo \\") == "\\\n"


def test_output_is_kept_byte_for_byte(session: ShellSession) -> None:
    everything = bytes(range(256))
    escaped = "".join(f"\\{byte:03o}" for byte in everything)
    assert run(session, f"printf '{escaped}'; printf '{escaped}' >&2").stdout == everything
    assert run(session, f"printf '{escaped}' >&2").stderr == everything
    assert out(session, "printf 'no newline'") == "no newline"
    assert out(session, "echo 'naïve — ✓'") == "naïve — ✓\n"


def test_output_that_looks_like_a_sentinel_is_output(session: ShellSession) -> None:
    marks = rb"\036" + b"0" * 32 + rb" 0|\036"
    result = run(session, f"printf '{marks.decode()}'; printf '{marks.decode()}' >&2; printf '\\036'")
    expected = b"\x1e" + b"0" * 32 + b" 0|\x1e"
    assert (result.stdout, result.stderr) == (expected + b"\x1e", expected)


def test_fifty_megabytes_are_counted_and_capped(session: ShellSession) -> None:
    result = run(session, "head -c 50000000 /dev/zero; printf end", timeout_s=60)
    assert result.stdout_bytes == 50_000_003
    assert len(result.stdout) < 140_000
    assert result.stdout.endswith(b"\0end")
    assert b"bytes left out]" in result.stdout


@pytest.mark.parametrize(
    ("text", "exit_code"), [("exit 3", 3), ("kill -9 $$", 137), ("exec bash -c 'exit 5'", 5), ("exit", 0)]
)
def test_a_command_that_ends_the_shell_is_reported_and_another_is_opened(
    session: ShellSession, directory: Path, text: str, exit_code: int
) -> None:
    run(session, "x=lost; cd /")
    result = run(session, f"echo before; {text}")
    assert (result.end, result.exit_code, result.pipe_status) == (CommandEnd.EXITED, exit_code, (exit_code,))
    assert result.stdout == b"before\n"
    assert out(session, "echo $? $x; pwd") == f"0\n{directory}\n"
    assert [str(exit_code) in reopening.reason for reopening in session.reopenings] == [True]


def test_errexit_typed_by_the_runbook_ends_the_shell_as_it_would_for_a_person(session: ShellSession) -> None:
    assert run(session, "set -e").exit_code == 0
    assert run(session, "false || true").exit_code == 0
    assert run(session, "false && true").exit_code == 1
    assert run(session, "echo still here").exit_code == 0
    assert session.reopenings == ()
    assert run(session, "false; echo not reached").stdout == b""
    assert out(session, "false; echo $-").count("e") == 0
    assert len(session.reopenings) == 1


def test_what_would_not_end_a_persons_shell_does_not_end_this_one(session: ShellSession) -> None:
    run(session, "kept=1; set -u")
    for text in (
        ": ${nothing:?missing}",
        "echo $nothing",
        "exec no-such-program",
        "return 3",
        "break",
        "kill $$",
        "shift 9",
    ):
        run(session, text)
    assert out(session, "set +u; echo $kept") == "1\n"
    assert session.reopenings == ()


def test_redirections_of_the_shell_itself_persist_and_do_not_reach_the_driver(
    session: ShellSession, directory: Path
) -> None:
    run(session, "exec 3>log; exec >out")
    assert out(session, "echo three >&3; echo one") == ""
    assert run(session, "exec >&-").exit_code == 0
    assert run(session, "echo nowhere").exit_code == 1
    assert ((directory / "log").read_text(), (directory / "out").read_text()) == ("three\n", "one\n")


def test_a_shell_whose_looks_a_command_changed_does_not_write_them_into_outputs(session: ShellSession) -> None:
    run(session, "PS1='(venv) $ '; IFS=,; set -x")
    result = run(session, "echo a b | cat")
    assert (result.stdout, result.pipe_status) == (b"a b\n", (0, 0))
    assert b"venv" not in result.stderr
    assert b"+ echo a b" in result.stderr
    run(session, "set +x")
    assert run(session, "echo quiet").stderr == b""


def test_commands_do_not_see_the_drivers_own_files(session: ShellSession) -> None:
    descriptors = out(session, "ls /proc/self/fd").split()
    assert not {"252", "253"} & set(descriptors)
    assert out(session, "ls -l /proc/self/fd/0").endswith("/dev/null\n")


def test_it_is_a_login_without_a_terminal(session: ShellSession, directory: Path) -> None:
    assert out(session, "shopt -q login_shell && echo $TERM $-").startswith("dumb ")
    assert out(session, "tty; pwd") == f"not a tty\n{directory}\n"
    assert out(session, "echo $USER $LOGNAME").split() == [out(session, "id -un").strip()] * 2


def test_a_nul_byte_cannot_be_typed(session: ShellSession) -> None:
    with pytest.raises(InputError, match="NUL"):
        session.run("echo a\0b", timeout_s=1)


def test_files_are_seen_beside_the_shell(session: ShellSession, directory: Path) -> None:
    (directory / "data").write_bytes(b"\0\xff\n")
    (directory / "sub").mkdir()
    (directory / "sub" / "a b\nc").write_text("x")
    (directory / "link").symlink_to("data")
    run(session, "cd /")
    assert session.read_file("data") == b"\0\xff\n"
    assert session.read_file(str(directory / "data")) == b"\0\xff\n"
    assert session.read_file("none") is None
    assert session.read_file("sub") is None
    run(session, f"mkfifo {directory}/pipe")
    assert session.read_file("pipe") is None
    states = session.list_files(str(directory))
    assert set(states) == {"data", "sub/", "sub/a b\nc", "link"}
    assert states["sub/a b\nc"].sha256 == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert session.list_files("data") == {"data": states["data"]}
    assert session.list_files("none") == {}
    assert out(session, "pwd") == "/\n"


def test_a_large_file_is_read_up_to_a_bound(session: ShellSession, directory: Path) -> None:
    with (directory / "large").open("wb") as file:
        file.truncate(20_000_000)
    content = session.read_file("large")
    assert content is not None
    assert len(content) == 10_000_000
    assert session.list_files("large")["large"].size_bytes == 20_000_000


def test_logging_out_runs_the_trap_on_exit(directory: Path) -> None:
    session = ShellSession(LocalPlace(), RunClock(), directory=str(directory))
    run(session, "trap 'echo done >left' EXIT")
    session.close()
    assert (directory / "left").read_text() == "done\n"


def test_one_may_log_out_of_a_shell_that_is_gone(session: ShellSession) -> None:
    pid = int(run(session, "echo $$").stdout)
    os.kill(pid, signal.SIGKILL)
    session.new_shell()
    assert run(session, "echo again").stdout == b"again\n"


def test_a_missing_directory_cannot_be_worked_in(directory: Path) -> None:
    with pytest.raises(ResponderUnreachableError, match="No such file") as caught:
        ShellSession(LocalPlace(), RunClock(), directory=str(directory / "none"))
    assert caught.value.exit_code == 4
    assert caught.value.mend
