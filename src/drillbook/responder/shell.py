"""One live bash at the responder's: started, prepared, given lines, and heard."""

from importlib import resources

from msgspec import Struct

from drillbook.effects import Clock
from drillbook.responder.protocol import Mark, MarkScanner, new_token, quote, resynchronise
from drillbook.responder.transport import Channel, ConnectionLostError, Place, ResponderUnreachableError


def script(name: str) -> str:
    """The text of one of the bash scripts in this package."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


class Output(Struct, frozen=True):
    """Bytes that a command wrote."""

    channel: Channel
    data: bytes


class Marked(Struct, frozen=True):
    """The shell's own word in one of its channels."""

    channel: Channel
    mark: Mark


class Shell:
    """A bash that waits for lines.

    Attributes:
        pid: Its process id, as the place where it runs counts.
        first_mark: Its word when it was ready.
        exit_token: The token of the mark that says the shell itself ended; its number is the exit code.
    """

    def __init__(self, place: Place, clock: Clock, *, session: str, directory: str, timeout_s: float) -> None:
        self._clock = clock
        self.exit_token = new_token()
        self._scanners = {channel: MarkScanner() for channel in Channel}
        for scanner in self._scanners.values():
            scanner.expect(self.exit_token)
        deadline_s = clock.now_s() + timeout_s
        environment = ["env", "TERM=dumb", f"DRILLBOOK_SESSION={session}"]
        supervisor = ["bash", "-c", script("supervisor.bash"), "drillbook", directory, self.exit_token.decode()]
        self._connection = place.start(environment + supervisor, timeout_s=timeout_s)
        try:
            self.first_mark = self._prepare(directory, deadline_s)
            self.pid = self.first_mark.numbers[0]
        except ResponderUnreachableError:
            self._connection.close()
            raise

    def send(self, line: bytes, token: bytes) -> None:
        """Give bash a line at whose end it writes the token's mark; raises ``ConnectionLostError``."""
        for scanner in self._scanners.values():
            scanner.expect(token)
        self._connection.send(line)

    def receive(self, deadline_s: float) -> list[Output | Marked] | None:
        """What came next, None at the deadline; raises ``ConnectionLostError`` when nothing more can come."""
        chunk = self._connection.receive(deadline_s - self._clock.now_s())
        if chunk is None:
            return None
        events: list[Output | Marked] = []
        for found in self._scanners[chunk.channel].feed(chunk.data):
            if isinstance(found, bytes):
                events.append(Output(chunk.channel, found))
            else:
                events.append(Marked(chunk.channel, found))
        return events

    def forget(self, token: bytes) -> None:
        """No mark of this token will come any more."""
        for scanner in self._scanners.values():
            scanner.forget(token)

    def held_back(self) -> list[Output]:
        """Output that looked like the start of a mark, for when nothing more can come."""
        return [Output(channel, scanner.flush()) for channel, scanner in self._scanners.items()]

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _prepare(self, directory: str, deadline_s: float) -> Mark:
        token = new_token()
        # Start-up files may have gone elsewhere.
        enter = b'[[ $PWD -ef $__drillbook_home ]] || cd -- "$__drillbook_home"; unset __drillbook_home OLDPWD\n'
        enter = b"__drillbook_home=" + quote(directory.encode()) + b"\n" + enter
        # The process id travels as the number of the first mark.
        report = resynchronise(token).replace(token + b" 0", token + b' "$$"')
        self.send(script("shell.bash").encode() + enter + report, token)
        said = b""
        marks: dict[Channel, Mark] = {}
        while len(marks) < len(Channel):
            try:
                events = self.receive(deadline_s)
            except ConnectionLostError as error:
                raise _not_opened(directory, said) from error
            if events is None:
                raise _not_opened(directory, said)
            for event in events:
                if isinstance(event, Output):
                    said = (said + event.data)[-2000:]
                elif event.mark.token == self.exit_token:
                    raise _not_opened(directory, said)
                else:
                    marks[event.channel] = event.mark
        self.forget(token)
        return marks[Channel.STDOUT]


def _not_opened(directory: str, said: bytes) -> ResponderUnreachableError:
    text = said.decode(errors="replace").strip()
    return ResponderUnreachableError(
        f"the responder's login shell did not start in {directory}" + (f": {text}" if text else ""),
        mend="give the responder's container bash and that directory, or correct [responder] in drillbook.toml",
    )
