from tests.judge.scenes import Command, Outage, Scene, Step, drill_record

from drillbook.observation import Look, PodLook
from drillbook.outcomes import command_outcomes
from drillbook.outcomes.harm import lost_by_command
from drillbook.verdict import Outcome

RESTART = Command(47, "kubectl rollout restart deployment/web -n shop", duration_s=0.3)
LOOK = Command(45, "kubectl get pods -n shop", duration_s=0.3)
SCALE = Command(48, "kubectl scale deployment/web -n shop --replicas=2", duration_s=0.3)


def pod(uid: str, *, terminating: bool = False) -> PodLook:
    return PodLook(name=uid, uid=uid, labels={}, ready=not terminating, terminating=terminating, restarts=0, reasons=())


def looks(gone_from_s: float, gone_to_s: float) -> tuple[Look, ...]:
    """A pod of two that goes, and another that comes in its place."""
    return tuple(
        Look(
            at_s=at_s,
            pods=(pod("a"), pod("b" if at_s < gone_to_s else "c", terminating=gone_from_s <= at_s < gone_to_s)),
        )
        for at_s in (30 + step / 2 for step in range(100))
    )


def scene(*commands: Command, gone_from_s: float = 41.0, users_lose_from_s: float = 41.2) -> Scene:
    """The procedure starts at 40 s; every command takes 0.7 s with the pause behind it."""
    outages = (Outage(20.0, 39.0), Outage(users_lose_from_s, users_lose_from_s + 1.0))
    return Scene(steps=(Step("Restart", 44, commands),), looks=looks(gone_from_s, 46.0), outages=outages)


def test_the_command_that_took_a_pod_is_blamed_for_what_users_lost_meanwhile() -> None:
    record = drill_record(scene(LOOK, RESTART))
    found = command_outcomes(record, ())
    assert [one.outcome for one in found] == [Outcome.WORKED, Outcome.HARMFUL]
    assert found[1].reason == "users lost 100 requests because of it"


def test_nobody_is_blamed_where_two_commands_may_have_done_it() -> None:
    assert lost_by_command(drill_record(scene(RESTART, SCALE, gone_from_s=41.5, users_lose_from_s=41.6))) == {}


def test_of_two_changes_the_one_under_way_is_blamed() -> None:
    early = Command(46, "kubectl label service web -n shop seen=yes", duration_s=0.1)
    wait = Command(45, "sleep 3", duration_s=3.0)
    record = drill_record(scene(early, wait, RESTART, gone_from_s=44.5, users_lose_from_s=44.5))
    assert set(lost_by_command(record)) == {2}


def test_a_command_that_changed_nothing_is_not_to_blame() -> None:
    unchanged = Command(47, RESTART.text, changed=())
    assert lost_by_command(drill_record(scene(unchanged))) == {}
    changed = Command(45, LOOK.text, changed=("pod/b",))
    assert set(lost_by_command(drill_record(scene(changed)))) == {0}


def test_without_looks_or_losses_there_is_no_blame() -> None:
    assert lost_by_command(drill_record(Scene())) == {}
    assert lost_by_command(drill_record(scene(RESTART, users_lose_from_s=60.0))) == {}
