"""RB010: the working directory is changed, and later blocks work in it without saying so."""

from collections.abc import Iterator

from drillbook.checks.events import DirectoryChanged, FileUsed
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CommandView, View

_ELSEWHERE = ("/", "~", "$", "<", "-")


def _check(view: View) -> Iterator[Finding]:
    for trail in view.trails:
        changes = {each.command: each for each in trail.of(DirectoryChanged)}  # of a command, the last one counts
        relative = {each.command for each in trail.of(FileUsed) if _is_relative(each)}
        left: DirectoryChanged | None = None
        for at, command in enumerate(trail.commands):
            change = changes.get(at)
            if left is not None and command.block is not trail.commands[left.command].block:
                moves = change is not None and change.path.startswith(_ELSEWHERE)
                again = change is not None and not moves and _stays(change)
                if again or (not moves and (at in relative or _runs_relative(command))):
                    yield _finding(left, command)
                    left = None
            if change is not None:
                left = change if _stays(change) else None


def _stays(change: DirectoryChanged) -> bool:
    """Whether it leads somewhere new; "cd -", "cd" and popd lead back."""
    return change.path not in ("", "-", "~", "$HOME", "$OLDPWD")


def _is_relative(used: FileUsed) -> bool:
    return used.inside is None and not used.path.startswith(_ELSEWHERE)


def _runs_relative(command: CommandView) -> bool:
    return any(
        not call.in_pod and call.words and call.words[0].value.startswith(("./", "../")) for call in command.calls
    )


def _finding(change: DirectoryChanged, command: CommandView) -> Finding:
    return RULE.at(
        change.spot,
        f"line {command.line} works in the directory that this leaves behind, and does not say so",
        suggestion="change it for one command alone: (cd … && …), or name files by their whole path",
    )


RULE = Rule(
    id="RB010",
    name="directory-state",
    severity=Severity.NOTE,
    reason="Whoever begins in the middle, or in a new shell, works in another directory.",
    trips="""\
## The release is bad

1. **Get the scripts**

   ```bash
   cd ~/operations
   git pull
   ```

2. **Go back**

   ```bash
   ./rollback.sh
   ```
""",
    passes="""\
## The release is bad

1. **Get the scripts**

   ```bash
   (cd ~/operations && git pull)
   ```

2. **Go back**

   ```bash
   ~/operations/rollback.sh
   ```
""",
    check=_check,
)
