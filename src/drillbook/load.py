"""Users' traffic: Locust in a process of its own, because importing it would monkey-patch this one."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from drillbook.calibration import RunningCalibration, calibrate
from drillbook.drill import Load
from drillbook.errors import CannotRunError, InputError
from drillbook.load_records import HEADER, LoadRecords, RecordsTail

_FIRST_RECORD_WITHIN_S = 30.0  # 1.1 s on a quiet machine, 6 s seen on one with a load average of 12
_SHUTDOWN_S = 5.0  # for Locust itself, after the last request ended
_POLL_S = 0.05
_LOG_TAIL_LINES = 15


class NoTrafficError(CannotRunError):
    """Locust ended, or never sent a request: without users there is nothing to judge by."""


class LocustRun:
    """Traffic that is under way; a ``RunningLoad``."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        records_path: Path,
        log: Path,
        *,
        clock_offset_s: float,
        patience_s: float,
    ) -> None:
        """Made by ``LocustLoad.start``."""
        self._process = process
        self._tail = RecordsTail(records_path, clock_offset_s)
        self._log = log
        self._patience_s = patience_s

    @property
    def pid(self) -> int:
        """The generator's process."""
        return self._process.pid

    def records(self) -> LoadRecords:
        """Everything recorded so far, times on the run's clock; also when Locust has died or was stopped."""
        return self._tail.read()

    def exit_code(self) -> int | None:
        """None while traffic is under way, else Locust's exit code (negative: the signal that killed it)."""
        return self._process.poll()

    def log_tail(self) -> str:
        """The last lines that Locust printed."""
        lines = self._log.read_text("utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_LOG_TAIL_LINES:])

    def stop(self) -> int:
        """End it: requests under way may still end, up to their timeout. Stopping twice is harmless.

        Returns:
            Locust's exit code. Failed requests do not change it: 0 unless the generator itself broke.

        Raises:
            NoTrafficError: not one request was recorded.
        """
        code = self.exit_code()
        if code is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                code = self._process.wait(self._patience_s)
            except subprocess.TimeoutExpired:
                code = self.kill()
        if len(self.records()) == 0:
            raise NoTrafficError(f"the users sent no request\n{self.log_tail()}")
        return code

    def kill(self) -> int:
        """End it at once with its whole process group; requests under way are then in no record."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()

    def wait_for_first_record(self, deadline_s: float) -> None:
        """Return when a request is on record.

        Args:
            deadline_s: seconds from now.

        Raises:
            NoTrafficError: none was by then, or Locust ended; says what it printed.
        """
        give_up_s = time.monotonic() + deadline_s
        while len(self.records()) == 0:
            try:
                code = self._process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                if time.monotonic() < give_up_s:
                    continue
                self.kill()
                raise NoTrafficError(f"no request within {deadline_s:g} s of the start\n{self.log_tail()}") from None
            raise NoTrafficError(f"Locust ended at once with exit code {code}\n{self.log_tail()}")


class LocustLoad:
    """Starts users' traffic with Locust; a ``LoadGenerator``."""

    def __init__(
        self, project_root: Path, entry_url: str, *, clock_offset_s: float, request_timeout_s: float = 2.0
    ) -> None:
        """Nothing is started yet.

        Args:
            project_root: locustfiles are named from here, and Locust runs here.
            entry_url: where the users come in.
            clock_offset_s: run's clock minus ``time.monotonic()``.
            request_timeout_s: a request that took so long from connecting on counts as not answered.
        """
        self._project_root = project_root
        self._entry_url = entry_url
        self._clock_offset_s = clock_offset_s
        self._request_timeout_s = request_timeout_s

    def calibrate(self, rate_per_s: float) -> RunningCalibration:
        """Start to measure the floor of this machine at a rate; it ends by itself."""
        return calibrate(rate_per_s)

    def start(self, load: Load, records_path: Path) -> LocustRun:
        """Start at once, and return when the first request is on record.

        What Locust prints goes to a ``.log`` file beside the records.

        Raises:
            InputError: there is no such locustfile, or the rate is not above 0.
            NoTrafficError: no request was recorded in time; says what Locust printed.
        """
        locustfile = self._project_root / load.locustfile
        if not locustfile.is_file():
            raise InputError("no such locustfile", path=locustfile)
        if not load.rate_per_s > 0:
            raise InputError("traffic needs a rate above 0", expected="requests per second", got=f"{load.rate_per_s:g}")
        records_path.parent.mkdir(parents=True, exist_ok=True)
        records_path.write_text(HEADER + "\n", "ascii")
        log_path = records_path.with_suffix(".log")
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                self._command(load, locustfile, records_path),
                cwd=self._project_root,
                env={name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        run = LocustRun(
            process,
            records_path,
            log_path,
            clock_offset_s=self._clock_offset_s,
            patience_s=self._request_timeout_s + _SHUTDOWN_S,
        )
        with contextlib.ExitStack() as undone:
            undone.callback(run.kill)  # also after Ctrl-C: traffic that nobody holds on to must not go on
            run.wait_for_first_record(_FIRST_RECORD_WITHIN_S)
            undone.pop_all()
        return run

    def _command(self, load: Load, locustfile: Path, records_path: Path) -> list[str]:
        return [
            *(sys.executable, "-m", "locust", "--locustfile", str(locustfile), "--host", self._entry_url),
            *("--headless", "--only-summary", "--exit-code-on-error", "0"),
            *("--rate-per-s", repr(load.rate_per_s), "--request-timeout-s", repr(self._request_timeout_s)),
            *("--records", str(records_path.absolute()), "--parent-pid", str(os.getpid())),
            load.user,
        ]
