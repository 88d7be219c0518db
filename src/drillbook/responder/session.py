"""The responder's session: commands one after the other in one shell, whatever becomes of them."""

import secrets
from collections.abc import Mapping

from drillbook.effects import Clock, CommandResult, FileState, Reopening
from drillbook.errors import InputError
from drillbook.responder.files import list_files, read_file
from drillbook.responder.protocol import (
    CappedOutput,
    Mark,
    new_token,
    request,
    resynchronise,
    without_terminal_complaints,
)
from drillbook.responder.shell import Output, Shell, script
from drillbook.responder.transport import Channel, Place, ResponderUnreachableError
from drillbook.timeline import CommandEnd

_REOPEN_PATIENCE_S = 15.0  # how long a person tries to log in again before the command counts as lost
_ANSWER_S = 2.0  # an idle shell answers within milliseconds
_LOGOUT_S = 1.0
_KILL_TIMEOUT_S = 10.0
_FLOOD_START_BYTES, _FLOOD_BYTES_PER_S = 4_000_000, 20_000_000


class ShellSession:
    """A persistent bash at the responder's, opened again when it is lost.

    Not for use by several threads at once.
    """

    def __init__(self, place: Place, clock: Clock, *, directory: str, timeout_s: float = 30.0) -> None:
        self._place, self._clock, self._directory = place, clock, directory
        self._name = secrets.token_hex(8)
        self._last_status = 0
        self._before: Mark | None = None  # the shell's word before the command that runs now
        self._reopenings: list[Reopening] = []
        self._shell: Shell | None = self._open(timeout_s)

    @property
    def reopenings(self) -> tuple[Reopening, ...]:
        """When and why a command found, or will find, a new shell instead of the one before."""
        return tuple(self._reopenings)

    def run(self, text: str, *, timeout_s: float) -> CommandResult:
        """Run these exact bytes; a command that outlives the timeout is killed with its process group.

        Raises:
            InputError: The text holds a NUL byte, which no shell can be given.
        """
        command = text.encode()
        if b"\0" in command:
            raise InputError("a command holds a NUL byte", expected="text that a shell can read")
        started_s, pid = self._clock.now_s(), 0
        outputs = {channel: CappedOutput() for channel in Channel}
        try:
            shell = self._shell or self._open(min(timeout_s, _REOPEN_PATIENCE_S))
            self._shell, pid = shell, shell.pid
            end, mark = self._run_in(shell, command, started_s + timeout_s, outputs)
        except ResponderUnreachableError as error:
            end, mark = CommandEnd.LOST, None
            self._give_up(f"the connection was lost: {error.what}", outputs)
        numbers = mark.numbers if mark else ()
        stderr = outputs[Channel.STDERR].content()
        shown = without_terminal_complaints(stderr, pid)
        return CommandResult(
            end=end,
            exit_code=numbers[0] if numbers else None,
            pipe_status=numbers[1:] or numbers,
            started_s=started_s,
            duration_s=self._clock.now_s() - started_s,
            stdout=outputs[Channel.STDOUT].content(),
            stderr=shown,
            stdout_bytes=outputs[Channel.STDOUT].size_bytes,
            stderr_bytes=outputs[Channel.STDERR].size_bytes - (len(stderr) - len(shown)),
        )

    def read_file(self, path: str) -> bytes | None:
        """The file's first 10 MB, None where there is no regular file. Does not disturb the shell."""
        return read_file(self._place, self._absolute(path))

    def list_files(self, path: str) -> Mapping[str, FileState]:
        """Everything below a directory (or the one file) by its path relative to it. Does not disturb the shell."""
        return list_files(self._place, self._absolute(path))

    def new_shell(self) -> None:
        """Log out; the next command finds a new login shell. What runs in the background goes on."""
        self._log_out(kill=False)

    def close(self) -> None:
        """Log out, so that traps on EXIT run, then kill whatever the session left running."""
        self._log_out(kill=True)

    def _log_out(self, *, kill: bool) -> None:
        shell, self._shell = self._shell, None
        try:
            if shell is not None:
                token = new_token()
                shell.send(b"builtin exit 0\n", token)
                self._collect(shell, token, self._clock.now_s() + _LOGOUT_S, {})
            if kill:
                self._kill("session", shell.pid if shell else 0)
        except ResponderUnreachableError:
            pass  # the container is gone, and all that ran in it
        finally:
            if shell is not None:
                shell.close()

    def _open(self, timeout_s: float) -> Shell:
        self._last_status, self._before = 0, None
        shell = Shell(self._place, self._clock, session=self._name, directory=self._directory, timeout_s=timeout_s)
        self._before = shell.first_mark
        return shell

    def _absolute(self, path: str) -> str:
        return path if path.startswith("/") else f"{self._directory.rstrip('/')}/{path}"

    def _run_in(
        self, shell: Shell, command: bytes, deadline_s: float, outputs: Mapping[Channel, CappedOutput]
    ) -> tuple[CommandEnd, Mark | None]:
        token = new_token()
        shell.send(request(command, token, last_status=self._last_status), token)
        mark = self._collect(shell, token, deadline_s, outputs)
        if mark is None:
            self._interrupt(shell, outputs)
            shell.forget(token)
            return CommandEnd.TIMED_OUT, None
        shell.forget(token)
        self._last_status, self._before = mark.numbers[0] & 0xFF, mark
        if mark.token == shell.exit_token:
            self._give_up(f"a command ended the shell with exit code {mark.numbers[0]}", outputs)
        return CommandEnd.EXITED, mark

    def _collect(
        self, shell: Shell, token: bytes, deadline_s: float, outputs: Mapping[Channel, CappedOutput]
    ) -> Mark | None:
        """Take output in until both channels hold the token's mark or the shell's last one; None at the deadline."""
        marks: dict[Channel, Mark] = {}
        started_s = self._clock.now_s()
        while len(marks) < len(Channel):
            # Asked each time: a command that floods its output never lets the wait itself run out.
            events = shell.receive(deadline_s) if self._clock.now_s() < deadline_s else None
            if events is None:
                return None
            self._slow_down(outputs, started_s, deadline_s)
            for event in events:
                if isinstance(event, Output):
                    _take(event, outputs)
                elif event.mark.token in (token, shell.exit_token):
                    marks[event.channel] = event.mark
        return marks[Channel.STDOUT]

    def _slow_down(self, outputs: Mapping[Channel, CappedOutput], started_s: float, deadline_s: float) -> None:
        """Read a flood no faster than this: at full speed it would starve the users' traffic of the machine."""
        excess_bytes = sum(output.size_bytes for output in outputs.values()) - _FLOOD_START_BYTES
        if excess_bytes > 0:
            due_s = started_s + excess_bytes / _FLOOD_BYTES_PER_S
            self._clock.wait_until(lambda: False, deadline_s=min(due_s, deadline_s))

    def _interrupt(self, shell: Shell, outputs: Mapping[Channel, CappedOutput]) -> None:
        """Kill the running command; keep the shell if it answers, as it does after Ctrl-C."""
        self._kill("command", shell.pid)
        token = new_token()
        shell.send(resynchronise(token), token)
        mark = self._collect(shell, token, self._clock.now_s() + _ANSWER_S, outputs)
        shell.forget(token)
        if mark is None:
            self._kill("session", shell.pid)
            self._give_up("the shell and all its jobs had to be killed with the command that hung in it", outputs)
        elif mark.token == shell.exit_token:
            self._give_up("the shell did not outlive the command that was killed", outputs)
        else:
            self._last_status, self._before = 130, mark  # as bash says after Ctrl-C

    def _kill(self, mode: str, pid: int) -> None:
        """Kill what the running command started ("command"), or all that the session ever did ("session")."""
        before = self._before or Mark(b"", ())
        numbers = (pid, self._name, *(before.moment or (0, 0)), *before.jobs)
        arguments = ["bash", "-c", script("kill.bash"), "drillbook", mode, *map(str, numbers)]
        self._place.execute(arguments, limit_bytes=1024, timeout_s=_KILL_TIMEOUT_S)

    def _give_up(self, reason: str, outputs: Mapping[Channel, CappedOutput]) -> None:
        """The shell is no more; the next command opens another one."""
        shell, self._shell = self._shell, None
        if shell is None:
            return
        for output in shell.held_back():
            _take(output, outputs)
        shell.close()
        self._reopenings.append(Reopening(at_s=self._clock.now_s(), reason=reason))


def _take(output: Output, outputs: Mapping[Channel, CappedOutput]) -> None:
    if output.channel in outputs:
        outputs[output.channel].add(output.data)
