"""Tries the mutants: checks first, then the shortest drill that covers each, until the time budget is used up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from drillbook.mutation.mutant import Fate, Mutant, Outcome, mutated
from drillbook.mutation.plan import Candidate, candidates, covering, in_turn, lasted_s
from drillbook.mutation.triage import alarms, beyond_drills, killed_by_check
from drillbook.record import RunRecord
from drillbook.runbook.model import Runbook
from drillbook.verdict import Verdict

STARTING_S = 10.0
"""What a drill costs beside itself, when it is run alone."""


class Driller(Protocol):
    """Runs one drill with another runbook."""

    def __call__(self, document: str, drill: str) -> Verdict:
        """The verdict of the drill of this name."""


@dataclass(frozen=True)
class Campaign:
    """A runbook, a run of it that passed, and how much time may be spent."""

    runbook: Runbook
    lines: tuple[str, ...]
    record: RunRecord
    drill: Driller
    now_s: Callable[[], float]
    budget_s: float

    def outcomes(self, mutants: tuple[Mutant, ...]) -> Iterator[Outcome]:
        """One for each mutant, as soon as it is known: those of checks first."""
        document = "\n".join(self.lines) + "\n"
        usual = alarms(document.encode(), self.runbook.path)
        lasted = lasted_s(self.record)
        left: list[Mutant] = []
        for mutant in mutants:
            outcome = killed_by_check(mutant, self.lines, self.runbook.path, usual) or beyond_drills(
                mutant, self.runbook, lasted
            )
            if outcome is None:
                left.append(mutant)
            else:
                yield outcome
        started_s, drills = self.now_s(), candidates(self.record)
        for mutant in in_turn(left):
            yield self._drilled(mutant, covering(mutant, drills), started_s)

    def _drilled(self, mutant: Mutant, drills: tuple[Candidate, ...], started_s: float) -> Outcome:
        """Drill after drill until one tells it from the real runbook."""
        began_s = self.now_s()
        passed: list[str] = []
        tried = False
        fate, reason = Fate.SURVIVED, "no drill comes to this command"
        for candidate in drills:
            if self.now_s() + candidate.lasted_s + STARTING_S > started_s + self.budget_s:
                if not tried:
                    fate, reason = Fate.NOT_RUN, "the time budget was used up"
                break
            tried = True
            verdict = self.drill(mutated(self.lines, mutant), candidate.name)
            if verdict is Verdict.FAIL:
                fate, reason = Fate.KILLED_BY_DRILL, f"“{candidate.name}” fails"
                break
            passed += [candidate.name] if verdict is Verdict.PASS else []
            fate = Fate.SURVIVED if passed else Fate.UNTOLD
            reason = f"“{'”, “'.join(passed)}” still passes" if passed else "its drill was inconclusive"
        return Outcome(mutant=mutant, fate=fate, reason=reason, took_s=self.now_s() - began_s)
