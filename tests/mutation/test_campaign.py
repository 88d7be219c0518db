from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from tests.judge.scenes import DRILL, Command, Scene, Step, drill_record, run_record
from tests.mutation.test_operators import DOCUMENT, LINES

from drillbook.mutation.campaign import Campaign
from drillbook.mutation.mutant import Fate, Operator, Outcome
from drillbook.mutation.operators import mutants_of
from drillbook.mutation.report import in_lines, score
from drillbook.record import DrillRecord
from drillbook.runbook import parse_runbook
from drillbook.verdict import Verdict

RUNBOOK = parse_runbook(DOCUMENT.encode(), "web.md")
HOUR_S = 3600.0


@dataclass
class Drills:
    """Says what it is told to, and counts; each takes a minute."""

    say: Callable[[str, str], Verdict]
    asked: list[str] = field(default_factory=list)
    passed_s: float = 0.0

    def __call__(self, document: str, drill: str) -> Verdict:
        self.asked.append(drill)
        self.passed_s += 60.0
        return self.say(document, drill)


def record(name: str, *commands: Command, start_s: float = 0.0) -> DrillRecord:
    drill = msgspec.structs.replace(DRILL, name=name)
    steps = (
        Step("Look", 5, tuple(each for each in commands if each.line < 13)),
        Step("Go on", 13, tuple(each for each in commands if each.line > 13)),
    )
    return drill_record(Scene(drill=drill, start_s=start_s, steps=steps))


GET, SCALE = Command(8, "kubectl get pods"), Command(9, "kubectl scale", duration_s=2.0)
ROLLOUT, PATCH = Command(16, "kubectl rollout status", duration_s=8.0), Command(17, "kubectl patch")
BOTH = (record("a short one", GET, SCALE, ROLLOUT), record("the long one", GET, SCALE, ROLLOUT, PATCH))


def tried(
    operator: Operator, drills: Drills, *, budget_s: float = HOUR_S, records: tuple[DrillRecord, ...] = BOTH
) -> list[Outcome]:
    campaign = Campaign(RUNBOOK, LINES, run_record(*records), drills, lambda: drills.passed_s, budget_s)
    mutants = tuple(each for each in mutants_of(RUNBOOK, LINES) if each.operator is operator)
    return sorted(campaign.outcomes(mutants), key=lambda each: each.mutant.line)


def always(verdict: Verdict) -> Drills:
    return Drills(lambda _document, _drill: verdict)


def test_a_mutant_that_checks_find_is_never_drilled() -> None:
    drills = always(Verdict.PASS)
    assert {each.fate for each in tried(Operator.PLACEHOLDER, drills)} == {Fate.KILLED_BY_CHECK}
    assert drills.asked == []


def test_a_command_that_only_shows_something_is_beyond_drills_and_a_survivor() -> None:
    drills = always(Verdict.FAIL)
    first, *others = tried(Operator.DROP, drills)
    assert (first.mutant.line, first.fate) == (8, Fate.SURVIVED)
    assert {each.fate for each in others} == {Fate.KILLED_BY_DRILL}


def test_a_deadline_that_is_never_reached_is_equivalent_and_one_that_is_is_drilled() -> None:
    quick = record("quick", Command(16, "kubectl rollout status", duration_s=0.4))
    (outcome,) = tried(Operator.DEADLINE, always(Verdict.FAIL), records=(quick,))
    assert outcome.fate is Fate.EQUIVALENT
    (outcome,) = tried(Operator.DEADLINE, always(Verdict.FAIL))
    assert outcome.fate is Fate.KILLED_BY_DRILL


def test_a_mutant_that_passes_one_drill_is_tried_in_the_next_that_covers_it() -> None:
    drills = Drills(lambda _document, drill: Verdict.FAIL if drill == "the long one" else Verdict.PASS)
    (outcome,) = (each for each in tried(Operator.DEADLINE, drills))
    assert outcome.fate is Fate.KILLED_BY_DRILL
    assert drills.asked == ["a short one", "the long one"]


def test_only_drills_that_come_to_the_command_are_run() -> None:
    drills = always(Verdict.PASS)
    outcomes = tried(Operator.DROP, drills)
    assert [(each.mutant.line, each.fate) for each in outcomes[2:]] == [(16, Fate.SURVIVED), (17, Fate.SURVIVED)]
    assert drills.asked.count("the long one") == 3
    assert drills.asked.count("a short one") == 2


def test_what_no_drill_comes_to_survives() -> None:
    outcomes = tried(Operator.DROP, always(Verdict.FAIL), records=(record("a short one", GET, SCALE),))
    assert outcomes[-1].reason == "no drill comes to this command"


def test_an_inconclusive_drill_tells_nothing() -> None:
    (outcome,) = tried(Operator.DEADLINE, always(Verdict.INCONCLUSIVE))
    assert outcome.fate is Fate.UNTOLD


def test_the_budget_ends_the_campaign_and_what_was_not_run_counts_for_nothing() -> None:
    outcomes = tried(Operator.NAMESPACE, always(Verdict.FAIL), budget_s=200.0)
    fates = [each.fate for each in outcomes]
    assert fates.count(Fate.NOT_RUN) >= 1
    assert Fate.KILLED_BY_DRILL in fates
    assert score(tuple(each for each in outcomes if each.fate is Fate.NOT_RUN)) is None


def test_the_score_is_of_what_was_told() -> None:
    outcomes = (*tried(Operator.PLACEHOLDER, always(Verdict.PASS)), *tried(Operator.DEADLINE, always(Verdict.PASS)))
    assert score(outcomes) == len(outcomes[:-1]) / len(outcomes)
    text = "\n".join(in_lines(outcomes))
    assert "survived:\n  line 16, deadline shortened: one second: --timeout=90s\n" in text
    assert "“a short one”" in text
