"""Breaks the system with a Chaos Toolkit experiment, one process each, and takes its journal for what happened."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from drillbook.clock import wait_until
from drillbook.errors import CannotRunError
from drillbook.fault import control
from drillbook.fault.activities import CLUSTER_UID, NAMESPACE, UNAVAILABLE
from drillbook.fault.experiment import read_renews
from drillbook.fault.journal import Journal, JournalError, method_failure, read_journal, redacted, rollback_failure
from drillbook.fault.traffic import RECORDS

PARAMETER = "DRILLBOOK_FAULT_"
"""What the names of a fault's parameters begin with in the experiment's environment."""

_TERM_GRACE_S = 10.0


class FaultFailedError(CannotRunError):
    """The experiment did not break what it was to break, so nothing was drilled."""


class FaultUnavailableError(CannotRunError):
    """This machine cannot have the fault at all; ``reason`` says why."""

    def __init__(self, what: str, reason: str) -> None:
        """Keep the reason apart, for the report."""
        self.reason = reason
        super().__init__(f"{what}: {reason}")


class ChaosInjector:
    """Implements ``effects.FaultInjector``."""

    def __init__(  # noqa: PLR0913 - a process has that much around it
        self,
        project_root: Path,
        *,
        kubeconfig: Path,
        cluster_uid: str,
        namespace: str,
        environment: Mapping[str, str] | None = None,
        secrets: Sequence[str] = (),
        method_timeout_s: float = 60.0,
        hold_timeout_s: float = 3600.0,
        rollback_timeout_s: float = 60.0,
    ) -> None:
        """Experiments run in ``project_root`` and see ``environment``; ``secrets`` are cut from all that they leave."""
        self._root = project_root
        self._environment = _environment(kubeconfig, cluster_uid, namespace) | dict(environment or {})
        self._secrets = tuple(secrets)
        self._method_timeout_s = method_timeout_s
        self._hold_timeout_s = hold_timeout_s
        self._rollback_timeout_s = rollback_timeout_s

    def renews(self, experiment: Path) -> tuple[str, ...]:
        """As the experiment's own extension says."""
        return read_renews(experiment)

    def inject(
        self, experiment: Path, journal: Path, *, parameters: Mapping[str, str] | None = None, traffic: str = ""
    ) -> "RunningChaos":
        """Return when every activity of the method has succeeded; the experiment then waits for its release.

        Raises:
            FaultUnavailableError: an activity said that this machine cannot have the fault.
            FaultFailedError: any of it failed; what was done has been rolled back as far as the experiment can.
        """
        if not experiment.is_file():
            raise FaultFailedError(f"there is no experiment {experiment}")
        environment = {f"{PARAMETER}{name.upper()}": value for name, value in (parameters or {}).items()}
        environment[RECORDS] = traffic
        running = self._start(experiment.resolve(), journal.resolve(), environment)
        with contextlib.ExitStack() as undone:
            undone.callback(running.kill)  # also after Ctrl-C: a fault that nobody holds on to must not go on
            held = wait_until(running.is_held_or_over, timeout_s=self._method_timeout_s, interval_s=0.02)
            reason = running.failure() if held else f"its method was not over within {self._method_timeout_s:g} s"
            if reason is not None and UNAVAILABLE in reason:
                raise FaultUnavailableError(experiment.name, reason.partition(UNAVAILABLE)[2].strip(" \"')"))
            if reason is not None:
                raise FaultFailedError(f"{experiment.name}: {reason}")
            undone.pop_all()
        return running

    def _start(self, experiment: Path, journal: Path, environment: Mapping[str, str]) -> "RunningChaos":
        journal.parent.mkdir(parents=True, exist_ok=True)
        journal.unlink(missing_ok=True)
        meeting = Path(tempfile.mkdtemp(prefix="drillbook-fault-"))
        hold = {"drillbook-hold": {"provider": {"type": "python", "module": control.__name__}}}
        (meeting / "control.json").write_text(json.dumps(hold), encoding="utf-8")
        held = {
            control.DIRECTORY: str(meeting),
            control.DEADLINE: str(self._hold_timeout_s),
            control.OWNER: str(os.getpid()),
        } | dict(environment)
        command = [
            sys.executable, "-m", "chaostoolkit",
            "--no-version-check", "--no-log-file", "--settings", str(meeting / "no-settings.yaml"),
            "run", "--rollback-strategy", "always", "--control-file", str(meeting / "control.json"),
            "--journal-path", str(journal), str(experiment),
        ]  # fmt: skip
        log = journal.with_suffix(".log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self._root,
                env=self._environment | held,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return RunningChaos(process, journal, log, meeting, self._secrets, self._rollback_timeout_s)


class RunningChaos:
    """An experiment's process and process group; implements ``effects.RunningFault``."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        journal: Path,
        log: Path,
        meeting: Path,
        secrets: Sequence[str],
        rollback_timeout_s: float,
    ) -> None:
        """Takes over the process and the directory in which it waits for its release."""
        self._process = process
        self._journal = journal
        self._log = log
        self._meeting = meeting
        self._secrets = secrets
        self._rollback_timeout_s = rollback_timeout_s

    def is_held_or_over(self) -> bool:
        """Whether the method is over, well or not."""
        return (self._meeting / control.READY).exists() or self._process.poll() is not None

    def failure(self) -> str | None:
        """Why the fault is not in place; None while the experiment holds it."""
        if self._process.poll() is None:
            return None
        try:
            journal = self._read()
        except JournalError as error:
            return f"exit code {self._process.returncode}, {error.what}: {self._last_words()}"
        return method_failure(journal) or "it ended before it was released"

    def release(self) -> str | None:
        """Let it roll back and end; None if every rollback succeeded, else what did not.

        An experiment that does not end is killed with all its children; releasing again returns the same answer.
        """
        if self._meeting.exists():
            (self._meeting / control.RELEASE).touch()
        if not wait_until(lambda: self._process.poll() is not None, timeout_s=self._rollback_timeout_s):
            self.kill()
            return f"its rollbacks were not over within {self._rollback_timeout_s:g} s, so it was killed"
        self._tidy()
        try:
            return rollback_failure(self._read())
        except JournalError as error:
            return f"exit code {self._process.returncode}, {error.what}: {self._last_words()}"

    def kill(self) -> None:
        """End the whole process group: asked first, so that rollbacks get a chance, then by force."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            wait_until(lambda: self._process.poll() is not None, timeout_s=_TERM_GRACE_S)
        self._signal(signal.SIGKILL)  # also children that outlived the experiment
        self._process.wait()
        self._tidy()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def _read(self) -> Journal:
        try:
            return read_journal(self._journal.read_bytes())
        except OSError as error:
            raise JournalError("it left no journal") from error

    def _tidy(self) -> None:
        shutil.rmtree(self._meeting, ignore_errors=True)
        for path in (self._journal, self._log):
            if self._secrets and path.exists():
                path.write_bytes(redacted(path.read_bytes(), self._secrets))

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


def _environment(kubeconfig: Path, cluster_uid: str, namespace: str) -> dict[str, str]:
    """The process's environment with one private kubeconfig, and no proxy between it and what runs on this machine."""
    direct = ",".join(
        filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1,localhost,::1"])
    )
    return dict(os.environ) | {
        "KUBECONFIG": str(kubeconfig),
        NAMESPACE: namespace,
        CLUSTER_UID: cluster_uid,
        "NO_PROXY": direct,
        "no_proxy": direct,
        "PYTHONUNBUFFERED": "1",
    }
