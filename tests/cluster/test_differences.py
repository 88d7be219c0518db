import copy
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drillbook.cluster.differences import differences
from drillbook.effects import Snapshot


def deployment(*containers: dict[str, Any], **spec: object) -> dict[str, dict[str, Any]]:
    return {"deployment/web": {"spec": {"template": {"containers": list(containers)}, **spec}}}


def test_a_short_map_is_shown_whole() -> None:
    before = {"service/web": {"spec": {"selector": {"app": "web", "version": "blue"}}}}
    after = {"service/web": {"spec": {"selector": {"app": "fallback", "version": "blue"}}}}
    assert differences(before, after) == (
        'service/web spec.selector: {"app": "web", "version": "blue"} → {"app": "fallback", "version": "blue"}',
    )


def test_named_parts_are_compared_by_name_wherever_they_stand() -> None:
    one, two = {"name": "one", "image": "a", "args": ["x"]}, {"name": "two", "image": "b", "args": ["y"]}
    before, after = deployment(one, two), deployment(one, two | {"image": "c", "args": ["y", "z"]})
    assert differences(before, after) == (
        'deployment/web spec.template.containers[two].args: ["y"] → ["y", "z"]',
        'deployment/web spec.template.containers[two].image: "b" → "c"',
    )
    assert differences(before, deployment(two, one)) == (
        "deployment/web spec.template.containers: order one, two → two, one",
    )
    (line,) = differences(before, deployment(one))
    assert line.startswith("deployment/web spec.template.containers[two]: {")
    assert line.endswith("→ (absent)")


def test_objects_that_came_and_went() -> None:
    assert differences({"a/x": {}}, {"a/y": {}}) == ("a/x: deleted", "a/y: added")


def test_a_field_that_was_added() -> None:
    assert differences(deployment(), deployment(paused=True)) == ("deployment/web spec.paused: (absent) → true",)


def test_names_with_dots_are_quoted() -> None:
    before, after = {"data": {"app.conf": "a" * 99}}, {"data": {"app.conf": "b" * 99}}
    (line,) = differences({"configmap/c": before}, {"configmap/c": after})
    assert line.startswith('configmap/c data["app.conf"]: "aaa')


def test_long_texts_are_cut_around_what_differs() -> None:
    before, after = "a" * 500 + "old" + "b" * 500, "a" * 500 + "new" + "b" * 500
    (line,) = differences({"configmap/c": {"data": {"conf": before}}}, {"configmap/c": {"data": {"conf": after}}})
    assert len(line) < 200
    assert "old" in line
    assert "new" in line


SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=80),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
        | st.lists(st.fixed_dictionaries({"name": st.sampled_from("abc")}, optional={"value": inner}), max_size=3)
    ),
    max_leaves=8,
)
snapshots = st.dictionaries(
    st.sampled_from(["deployment/a", "service/b", "configmap/c"]),
    st.dictionaries(st.text(max_size=5), json_values, max_size=3),
)


@SETTINGS
@given(snapshots, snapshots)
def test_there_are_lines_exactly_where_something_differs(before: Snapshot, after: Snapshot) -> None:
    lines = differences(before, after)
    assert bool(lines) == (before != after)
    assert lines == differences(copy.deepcopy(before), copy.deepcopy(after))
    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert {key for key in changed if any(line.startswith(key) for line in lines)} == changed
    assert all("\n" not in line for line in lines)


@SETTINGS
@given(snapshots)
def test_nothing_differs_from_itself(snapshot: Snapshot) -> None:
    assert differences(snapshot, copy.deepcopy(snapshot)) == ()
