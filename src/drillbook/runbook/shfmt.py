"""The one effect of reading a runbook: shfmt, as a process, turns shell text into its syntax tree."""

import os
import shutil
import subprocess
import sysconfig
from functools import cache

from drillbook.errors import CannotRunError

_TIMEOUT_S = 60.0
_FAR = "?"  # stands for a column above 16,383


class ShellSyntaxError(Exception):
    """The text is no shell; line and column (in bytes) count from 1 and are shfmt's own."""

    def __init__(self, message: str, line: int, column: int) -> None:
        """Keep the parts apart."""
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


@cache
def _executable() -> str:
    # The wheel puts it beside this very interpreter, which need not be on PATH.
    found = shutil.which("shfmt", path=sysconfig.get_path("scripts")) or shutil.which("shfmt")
    if found is None:
        raise CannotRunError("shfmt, which splits shell blocks into commands, is missing", mend="pip install shfmt-py")
    return found


def syntax_tree_json(script: bytes) -> bytes:
    """The syntax tree of a bash script, as the JSON that ``shfmt --to-json`` prints.

    Raises:
        ShellSyntaxError: bash could not parse it.
        RecursionError: it is nested too deeply for JSON.
        CannotRunError: shfmt is missing or broke down.
    """
    try:
        done = subprocess.run(
            [_executable(), "--language-dialect", "bash", "--to-json"],
            input=script,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_S,
            env={**os.environ, "GOMAXPROCS": "1"},  # more threads cost it a third more, and gain no time
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotRunError(
            f"shfmt could not be run: {error}", mend="pip install --force-reinstall shfmt-py"
        ) from error
    if done.returncode == 0:
        return done.stdout
    message = done.stderr.decode("utf-8", errors="replace").strip().removeprefix("<standard input>:")
    if "exceeded max depth" in message:
        raise RecursionError("the script is nested too deeply for JSON")
    line, _, rest = message.partition(":")
    column, _, reason = rest.partition(":")
    if line.isdecimal() and (column.isdecimal() or column == _FAR):
        raise ShellSyntaxError(reason.strip(), int(line), 1 if column == _FAR else int(column))
    raise CannotRunError(f"shfmt broke down: {message[:500]}", mend="pip install --force-reinstall shfmt-py")
