"""What became of the mutants: a table by operator, the survivors, and the score. Pure."""

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from drillbook.mutation.mutant import Fate, Operator, Outcome

_KILLED = (Fate.KILLED_BY_CHECK, Fate.KILLED_BY_DRILL)
_TOLD = (*_KILLED, Fate.SURVIVED)


class MutationReport(Struct, frozen=True, kw_only=True):
    """What ``mutants.json`` holds."""

    schema: str = "drillbook.mutants/1"
    runbook: str
    sha256: str
    score: float | None  # killed of those that were told, 0 to 1; None where none was
    outcomes: tuple[Outcome, ...]


def score(outcomes: tuple[Outcome, ...]) -> float | None:
    """The killed among the killed and the survivors: equivalent, untold and not run ones count for nothing."""
    told = sum(outcome.fate in _TOLD for outcome in outcomes)
    return sum(outcome.fate in _KILLED for outcome in outcomes) / told if told else None


def in_lines(outcomes: tuple[Outcome, ...]) -> Iterator[str]:
    """The report for a terminal."""
    counts = Counter((outcome.mutant.operator, outcome.fate) for outcome in outcomes)
    fates = [fate for fate in Fate if any(outcome.fate is fate for outcome in outcomes)]
    yield f"{'':<22}" + "".join(f"{fate.value:>18}" for fate in fates)
    for operator in Operator:
        if any(outcome.mutant.operator is operator for outcome in outcomes):
            yield f"{operator.value:<22}" + "".join(f"{counts[operator, fate] or '·':>18}" for fate in fates)
    yield f"{'all':<22}" + "".join(f"{sum(one.fate is fate for one in outcomes):>18}" for fate in fates)
    survivors = [outcome for outcome in outcomes if outcome.fate is Fate.SURVIVED]
    if survivors:
        yield ""
        yield "survived:"
        for outcome in survivors:
            mutant = outcome.mutant
            yield f"  line {mutant.line}, {mutant.operator}: {mutant.change}"
            yield f"      {outcome.reason}"
    yield ""
    share = score(outcomes)
    yield "no mutant was told" if share is None else f"{share:.0%} of those that were told are killed"
