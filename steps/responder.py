"""What the responder does, and what they hand over."""

from pytest_bdd import parsers, then, when

from drillbook.drill import Follow
from drillbook.scenario import ScenarioDrill


@when(parsers.parse('the responder follows "{procedure}" with judgement'))
def with_judgement(drill: ScenarioDrill, procedure: str) -> None:
    drill.procedure(procedure, Follow.WITH_JUDGEMENT)


@when(parsers.parse('the responder follows "{procedure}" literally'))
def literally(drill: ScenarioDrill, procedure: str) -> None:
    drill.procedure(procedure, Follow.LITERALLY)


@then("the files that the procedure promises are there and not empty")
def promised_files(drill: ScenarioDrill) -> None:
    drill.files()


@then(parsers.parse('one of them holds "{text}"'))
def holds(drill: ScenarioDrill, text: str) -> None:
    drill.content(text)
