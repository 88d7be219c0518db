"""Attacks, and what must be promised of a procedure against them."""

from pytest_bdd import parsers, then, when

from drillbook import phrases
from drillbook.promises import CaptureKept, ChecksumsKept, InsideServed, NoSecrets, ShutOut, Told
from drillbook.scenario import ScenarioDrill

ATTACK, ENTRENCHED = "attack", "entrenched-attack"
"""Names of the traffic in the experiments: with a new connection for each request, and over kept ones."""


@when("somebody attacks from outside with guessed and stolen tokens")
def attack(drill: ScenarioDrill) -> None:
    drill.fault("experiments/security_incident.yaml")


@when("somebody attacks while Slack refuses the security team's channel")
def attack_without_slack(drill: ScenarioDrill) -> None:
    drill.fault("experiments/security_incident_without_slack.yaml")


@then(parsers.parse("within {deadline} the attack gets no answer for {window}"))
def shut_out(drill: ScenarioDrill, deadline: str, window: str) -> None:
    _shut_out(drill, ATTACK, deadline, window)


@then(parsers.parse("within {deadline} the attack gets no answer over its open connections for {window}"))
def thrown_out(drill: ScenarioDrill, deadline: str, window: str) -> None:
    _shut_out(drill, ENTRENCHED, deadline, window)


def _shut_out(drill: ScenarioDrill, traffic: str, deadline: str, window: str) -> None:
    window_s, deadline_s = phrases.duration_s(window), phrases.duration_s(deadline)
    drill.promise(ShutOut(traffic=traffic, window_s=window_s, deadline_s=deadline_s))


@then(parsers.parse("meanwhile users inside the cluster see an error rate of at most {percent:g} %"))
def inside_served(drill: ScenarioDrill, percent: float) -> None:
    drill.promise(InsideServed(error_rate=percent / 100))


@then(parsers.parse('within {deadline} "{address}" was told over {service:w}'))
def told(drill: ScenarioDrill, deadline: str, address: str, service: str) -> None:
    drill.promise(Told(service=service, address=address, deadline_s=phrases.duration_s(deadline)))


@then(parsers.parse("everything but {first:S} and {second:S} is as it was"))
def restored_but_two(drill: ScenarioDrill, first: str, second: str) -> None:
    drill.restored(first, second)


@then(parsers.parse("a capture of at most {packets:d} packets is among them and can be read"))
def capture_kept(drill: ScenarioDrill, packets: int) -> None:
    drill.promise(CaptureKept(most_packets=packets))


@then("each of them has the right checksum")
def checksums_kept(drill: ScenarioDrill) -> None:
    drill.promise(ChecksumsKept())


@then("no secret is handed over")
def no_secrets(drill: ScenarioDrill) -> None:
    drill.promise(NoSecrets())
