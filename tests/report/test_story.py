"""Telling a drill's events in order, and cutting its traffic into bins."""

from itertools import pairwise

from tests.judge.scenes import Command, Outage, Scene, Step, drill_record, load

from drillbook.report.series import bins, figures_of
from drillbook.report.story import limits_s, phases, steps
from drillbook.timeline import CommandFinished, CommandStarted, Phase, ShellReopened, StepFinished, StepStarted


def test_every_phase_ends_where_the_next_begins() -> None:
    told = phases(drill_record())

    assert [span.name for span in told] == [phase.value for phase in Phase]
    assert all(one.end_s == after.start_s for one, after in pairwise(told))
    assert told[-1].end_s == 122.0


def test_steps_keep_their_commands_in_order() -> None:
    told = steps(drill_record())

    assert [step.number for step in told] == [1, 2, 3, 4]
    assert [len(step.commands) for step in told] == [4, 3, 0, 3]
    assert told[2].skipped is not None
    assert all(step.start_s <= step.end_s for step in told)
    assert [command.line for command in told[1].commands] == [47, 50, 51]


def test_a_step_that_never_ended_lasts_to_the_end_of_the_record() -> None:
    assert steps(drill_record(Scene(without=(StepFinished,))))[0].end_s == 122.0


def test_commands_outside_any_step_are_told_too() -> None:
    told = steps(drill_record(Scene(without=(StepStarted, StepFinished))))

    assert len(told[0].commands) == 7
    assert told[0].title == ""


def test_a_command_that_never_ended_is_told_without_an_end() -> None:
    record = drill_record(Scene(steps=(Step("One", 1, (Command(2, "x"),)),), without=(CommandFinished,)))

    assert [command.finished for command in steps(record)[0].commands] == [None]


def test_a_command_whose_start_is_missing_is_told_by_its_end() -> None:
    told = steps(drill_record(Scene(without=(CommandStarted,))))

    assert [len(step.commands) for step in told] == [4, 3, 0, 3]


def test_a_record_without_events_has_no_length() -> None:
    kinds = tuple({type(event) for event in drill_record().events})

    assert limits_s(drill_record(Scene(without=kinds))) == (0.0, 0.0)


def test_bins_cover_all_requests_once() -> None:
    traffic = load(Scene(start_s=0.0, end_s=30.3, outages=(Outage(10.0, 12.0),)))

    cut = bins(traffic, 0.0, 30.3)

    assert len(cut) == 31
    assert sum(one.requests for one in cut) == len(traffic)
    assert sum(one.lost for one in cut) == 200
    assert [one.error_rate for one in cut[9:13]] == [0.0, 1.0, 1.0, 0.0]


def test_long_drills_have_wider_bins() -> None:
    traffic = load(Scene(start_s=0.0, end_s=10.0))

    assert {one.width_s for one in bins(traffic, 0.0, 800.0)} == {2.0}
    assert len(bins(traffic, 0.0, 100_000.0)) == 400


def test_a_time_without_requests_is_unknown_not_zero() -> None:
    seen = figures_of(load(Scene(start_s=0.0, end_s=1.0)), 50.0, 60.0)

    assert (seen.requests, seen.lost, seen.error_rate, seen.p99_ms) == (0, 0, None, None)


def test_the_command_with_which_the_shell_was_lost_says_so() -> None:
    lost = ShellReopened(at_s=57.1, reason="it was killed")

    told = steps(drill_record(Scene(extra=(lost,))))

    assert [command.shell_lost for command in told[1].commands] == ["it was killed", None, None]


def test_a_shell_lost_before_any_command_changes_no_step() -> None:
    scene = Scene(steps=(), extra=(ShellReopened(at_s=1.0, reason="x"),))

    assert steps(drill_record(scene)) == ()


def test_a_step_tells_which_files_it_changed() -> None:
    done = StepFinished(at_s=58.4, step="Emergency rollback", line=44, failed_commands=1, changed_files=("b.yaml",))

    assert steps(drill_record(Scene(extra=(done,))))[1].changed_files == ("b.yaml",)
