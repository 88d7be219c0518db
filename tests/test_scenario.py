from collections.abc import Callable

import pytest

from drillbook.drill import Follow
from drillbook.errors import InputError
from drillbook.objective import Start
from drillbook.phrases import thresholds
from drillbook.scenario import ScenarioDrill

FINE = thresholds("an error rate of at most 1 %")
PARTS: dict[str, Callable[[ScenarioDrill], None]] = {
    "load": lambda drill: drill.load("loadtests/users.py", "Reader", 100),
    "a steady state": lambda drill: drill.baseline(FINE, 10),
    "a fault": lambda drill: drill.fault("experiments/one.yaml"),
    "a procedure": lambda drill: drill.procedure("Outage", Follow.LITERALLY),
    "an objective": lambda drill: drill.recovery(FINE, 20, 300),
}


def scenario(*parts: str) -> ScenarioDrill:
    drill = ScenarioDrill(name="Outage", feature="features/outage.feature", line=3)
    for number, part in enumerate(parts):
        drill.at(10 + number, part)
        PARTS[part](drill)
    return drill


def test_each_clause_knows_its_line_and_what_it_demands() -> None:
    drill = scenario(*PARTS)
    drill.at(20, "And they still do")
    drill.hold(20)
    drill.at(21, "And files")
    drill.files()
    drill.content("BackOff")
    drill.restored()
    built = drill.build()
    assert [(clause.line, clause.demands) for clause in built.clauses] == [
        (10, "load"),
        (11, "baseline"),
        (12, "fault"),
        (13, "procedure"),
        (14, "recovery"),
        (20, "hold"),
        (21, "files"),
        (21, "content:0"),
        (21, "restored"),
    ]
    assert built.recovery.hold_s == 20
    assert built.files is not None
    assert built.files.texts == ("BackOff",)
    assert built.restored


@pytest.mark.parametrize("missing", PARTS)
def test_a_scenario_that_lacks_a_part_is_located(missing: str) -> None:
    with pytest.raises(InputError, match=f"lacks {missing}") as caught:
        scenario(*(part for part in PARTS if part != missing)).build()
    assert (caught.value.path, caught.value.line) == ("features/outage.feature", 3)


def test_a_drill_has_one_fault() -> None:
    drill = scenario("a fault")
    drill.at(30, "again")
    with pytest.raises(InputError, match="one fault") as caught:
        drill.fault("experiments/two.yaml")
    assert caught.value.line == 30


def test_no_load_is_refused() -> None:
    with pytest.raises(InputError, match="there must be load"):
        scenario().load("loadtests/users.py", "Reader", 0)


def test_nothing_holds_before_it_is_said_what_recovered_means() -> None:
    with pytest.raises(InputError, match="nothing to hold yet"):
        scenario().hold(20)


def test_symptoms_are_numbered() -> None:
    drill = scenario(*PARTS)
    drill.pods_symptom("app=web", "CrashLoopBackOff", 60)
    drill.traffic_symptom(FINE[0], 5, 60)
    assert [clause.demands for clause in drill.build().clauses][-2:] == ["symptom:0", "symptom:1"]


@pytest.mark.parametrize("part", ["baseline", "recovery"])
def test_a_window_too_short_to_tell_is_refused_before_anything_is_broken(part: str) -> None:
    drill = scenario(*PARTS)
    p99 = thresholds("a P99 latency of at most 10 ms")
    if part == "baseline":
        drill.baseline(p99, 3)
    else:
        drill.recovery(p99, 3, 300)
    with pytest.raises(InputError, match="300 requests are too few to tell P99 latency ≤ 10 ms") as caught:
        drill.build()
    assert caught.value.mend == "make the window at least 4 seconds long, or send more"


def test_a_deadline_may_count_from_the_fault() -> None:
    drill = scenario(*PARTS)
    drill.recovery(FINE, 20, 300, Start.FAULT)
    drill.hold(5)
    assert drill.build().recovery.start is Start.FAULT
