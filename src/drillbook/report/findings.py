"""Sorts a procedure's findings by what running it told of them."""

from drillbook.report.page import Badge, FindingGroup, FindingView
from drillbook.verdict import Finding, Running

# What was seen comes first; what running says nothing of is folded away.
_TITLES = {
    Running.CONFIRMED: (Badge("fail", "✗"), "Running confirmed"),
    Running.REFUTED: (Badge("pass", "✓"), "Running refuted"),
    Running.UNTOLD: (Badge("inconclusive", "?"), "Running does not tell"),
    Running.UNREACHED: (Badge("inconclusive", "·"), "Not reached"),
}


def groups(findings: tuple[Finding, ...]) -> tuple[FindingGroup, ...]:
    """The groups that have a finding."""
    return tuple(
        FindingGroup(
            badge=badge,
            title=f"{title} {len(found)}",
            folded=running in (Running.UNTOLD, Running.UNREACHED),
            findings=found,
        )
        for running, (badge, title) in _TITLES.items()
        if (found := tuple(_view(one) for one in findings if one.running is running))
    )


def counted(findings: tuple[Finding, ...]) -> str:
    """How many of each kind there are, "" where there is no finding."""
    words = {
        Running.CONFIRMED: "confirmed by running",
        Running.REFUTED: "refuted",
        Running.UNTOLD: "not told",
        Running.UNREACHED: "not reached",
    }
    counts = {running: sum(one.running is running for one in findings) for running in words}
    return ", ".join(f"{count} {words[running]}" for running, count in counts.items() if count)


def _view(one: Finding) -> FindingView:
    rule = f"{one.rule} {one.name}".rstrip()
    return FindingView(rule=rule, line=one.line, message=one.message, because=one.because)
