"""Every id that a finding may have: the rules', that of a cluster's refusals, and the two that the engine gives."""

from msgspec import Struct

from drillbook.checks import dry_run
from drillbook.checks.engine import UNREADABLE
from drillbook.checks.ignore import BAD_IGNORE
from drillbook.checks.model import Severity
from drillbook.checks.rules import RULES


class Entry(Struct, frozen=True, kw_only=True):
    """What is told of a rule; an example is "" where there can be none."""

    id: str
    name: str
    severity: Severity
    reason: str
    trips: str = ""
    passes: str = ""


_UNREADABLE = Entry(
    id=UNREADABLE,
    name="unreadable",
    severity=Severity.ERROR,
    reason="A document that is empty, too large, no UTF-8 text or not closed cannot be followed by anybody.",
)
_BAD_IGNORE = Entry(
    id=BAD_IGNORE,
    name="bad-ignore",
    severity=Severity.WARNING,
    reason="A comment that is to ignore a finding needs the rule's id and a reason, and ignores nothing without them.",
    trips="# Runbook\n\n<!-- drillbook-ignore -->\n\n1. Call the team.\n",
    passes="# Runbook\n\n<!-- drillbook-ignore RB012: the channel is optional here -->\n\n1. Call the team.\n",
)
_REFUSED = Entry(id=dry_run.REFUSED, name=dry_run.NAME, severity=Severity.ERROR, reason=dry_run.REASON)
CATALOGUE: tuple[Entry, ...] = (
    _UNREADABLE,
    *(
        Entry(
            id=rule.id,
            name=rule.name,
            severity=rule.severity,
            reason=rule.reason,
            trips=rule.trips,
            passes=rule.passes,
        )
        for rule in RULES
    ),
    _REFUSED,
    _BAD_IGNORE,
)
