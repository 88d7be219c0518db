"""Asks the drill's cluster about kubectl calls without carrying any of them out."""

import os
import re
import subprocess
from pathlib import Path

from drillbook.checks.dry_run import DRY_RUN, Ask
from drillbook.errors import CannotRunError

_TIMEOUT_S = 20.0
_NO_ANSWER = re.compile(r"The connection to the server .+ was refused|Unable to connect to the server: .+")


def asking(kubectl: Path, kubeconfig: Path) -> Ask:
    """What asks the cluster of a kubeconfig; no other configuration is read."""
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(kubeconfig.parent), "KUBERC": "off"}

    def ask(arguments: tuple[str, ...]) -> str:
        if arguments[-1] != DRY_RUN:
            raise ValueError(f"this would be carried out: {arguments}")
        command = [str(kubectl), f"--kubeconfig={kubeconfig}", "--request-timeout=10s", *arguments]
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S, env=environment, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotRunError(f"the cluster could not be asked: {error}", mend="drillbook cluster up") from error
        said = done.stderr.decode(errors="replace").strip() if done.returncode else ""
        if no_answer := _NO_ANSWER.match(said):
            raise CannotRunError(f"the cluster could not be asked: {no_answer[0]}", mend="drillbook cluster up")
        return said

    return ask
