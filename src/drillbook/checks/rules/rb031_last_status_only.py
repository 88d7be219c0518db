"""RB031: a command fails, and the commands below it in the block go on with the change all the same."""

from collections.abc import Iterator, Sequence

from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.outcome import changes, checks, options, takes_away, written_file
from drillbook.checks.view import CallView, CommandView, View

_FAR = 50  # commands: what comes later than that has little to do with it
_GOES_BACK = frozenset({"kubectl undo", "helm rollback"})  # right after a check that failed, too


def _check(view: View) -> Iterator[Finding]:
    active = options(view)
    blocks: dict[int, list[CommandView]] = {}
    for command in view.commands:
        if not any(call.call.place.function for call in command.calls):
            blocks.setdefault(command.block.index, []).append(command)
    for commands in blocks.values():
        if len(commands) > 1 and "errexit" not in active.get(commands[-1], ()):
            yield from _of_block(commands)


def _of_block(commands: Sequence[CommandView]) -> Iterator[Finding]:
    """The first such command of a block: the others are mended with it."""
    for index, command in enumerate(commands[:-1]):
        lost = _lost(command)
        later = commands[index + 1 : index + 1 + _FAR]
        following = _other_change(lost, later) if lost is not None else None
        if lost is None or following is None:
            continue
        harmful = takes_away(following)
        proved = any(checks(call) for each in later for call in each.calls)
        if proved and not harmful and not checks(lost):
            continue
        yield RULE.at(
            lost.spot,
            f"if this fails, line {following.spot.line} is carried out all the same",
            suggestion="join them with &&, or stop here: … || exit 1",
            severity=Severity.WARNING if harmful and checks(lost) else None,
        )
        return


def _lost(command: CommandView) -> CallView | None:
    """What changes or checks something in a command, and whose failure stops nothing."""
    for call in command.calls:
        place = call.call.place
        handled = place.condition or place.negated or place.substitution or place.background
        if handled or "||" in (place.operator, place.previous):
            continue
        if _is_checked_by(call) or (changes(call) and "namespace" not in (call.kubectl.kinds if call.kubectl else ())):
            return call
    return None


def _is_checked_by(call: CallView) -> bool:
    """Whether it checks something and nothing hangs on that; what is kept in a file or shown to eyes is no check."""
    shown = call.name == "grep" or bool(written_file(call.command))
    return checks(call) and not shown and call.call.place.operator != "&&"


def _other_change(lost: CallView, later: Sequence[CommandView]) -> CallView | None:
    """The next change of another kind; the same once more, as for each of two colours, does not hang on the first."""
    passed_over = {"", changes(lost), *(_GOES_BACK if checks(lost) else ())}
    for command in later:
        for index, call in enumerate(command.calls):
            guarded = call.call.place.previous == "&&" and any(checks(each) for each in command.calls[:index])
            if not guarded and not call.call.place.substitution and changes(call) not in passed_over:
                return call
    return None


RULE = Rule(
    id="RB031",
    name="last-status-only",
    severity=Severity.NOTE,
    reason="A block's status is that of its last command: what failed before it stops nothing.",
    trips="""\
## Move the users

1. **Start the new one, and take the old one away**

   ```bash
   kubectl rollout status deployment/web-new -n shop --timeout=60s
   kubectl delete deployment web-old -n shop
   ```
""",
    passes="""\
## Move the users

1. **Start the new one, and take the old one away**

   ```bash
   kubectl rollout status deployment/web-new -n shop --timeout=60s &&
     kubectl delete deployment web-old -n shop
   ```

2. **Start both again**

   ```bash
   kubectl rollout restart deployment/web-new -n shop
   kubectl rollout restart deployment/store -n shop
   kubectl get pods -n shop
   ```
""",
    check=_check,
)
