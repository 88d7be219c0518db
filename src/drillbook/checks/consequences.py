"""What one call does to the cluster, to incidents and to files."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from drillbook.checks.events import (
    ConfigReplaced,
    Deleted,
    Entered,
    Event,
    FileUsed,
    IncidentKey,
    Patched,
    RolledOut,
    Scaled,
    ServiceChanged,
)
from drillbook.checks.kubectl import Json, Kubectl, Resource
from drillbook.checks.shell import Word

if TYPE_CHECKING:
    from drillbook.checks.curl import Curl
    from drillbook.checks.view import CallView

_INCIDENT_KEY = re.compile(r"--?(?:incident|dedup|dedupe|event|alert)[-_]?key")
_OPENS = re.compile(r"trigger|open|create|declare|start|fire|raise", re.IGNORECASE)
_CLOSES = re.compile(r"resolve|close|clear|end\b", re.IGNORECASE)
_KEY_IN_DATA = re.compile(r'"(?:dedup_key|incident_key)"\s*:\s*"([^"]*)"')
_ACTION_IN_DATA = re.compile(r'"(?:event_action|event_type)"\s*:\s*"(\w+)"')
_READERS = frozenset({"cat", "less", "more", "head", "tail", "wc", "sort", "source", ".", "gunzip"})


def events_of_call(call: "CallView") -> Iterator[Event]:
    """The events of a call, in the order in which they happen."""
    if call.kubectl is not None:
        yield from _kubectl(call.kubectl)
    elif call.words:
        yield from _incident_keys(call)
        yield from _files(call)


def _kubectl(kubectl: Kubectl) -> Iterator[Event]:
    if kubectl.dry_run:
        return
    yield from _files_of_kubectl(kubectl)
    match kubectl.verb:
        case "scale":
            for target in kubectl.resources:
                yield Scaled(spot=kubectl.spot, target=target, replicas=kubectl.replicas)
        case "patch" if kubectl.resources:
            yield from _patch(kubectl, kubectl.resources[0])
        case "rollout" if kubectl.subverb in ("restart", "undo"):
            for target in kubectl.resources:
                yield RolledOut(spot=kubectl.spot, target=target, action=kubectl.subverb)
        case "delete":
            yield Deleted(spot=kubectl.spot, targets=kubectl.resources, selector=kubectl.selector)
        case "exec" if kubectl.resources:
            yield Entered(spot=kubectl.spot, target=kubectl.resources[0], kubectl=kubectl)
        case _:
            pass


def _files_of_kubectl(kubectl: Kubectl) -> Iterator[FileUsed]:
    for flag in kubectl.files:
        yield FileUsed(spot=flag.spot, path=flag.text, writes=False, literal=flag.literal)


def _patch(kubectl: Kubectl, target: Resource) -> Iterator[Event]:
    patch = kubectl.patch()
    yield Patched(spot=kubectl.spot, target=target, type=kubectl.patch_type, patch=patch, kubectl=kubectl)
    if target.kind == "service":
        selector, service_type, merged = _service_change(patch)
        if selector is not None or service_type is not None:
            yield ServiceChanged(
                spot=kubectl.spot, target=target, selector=selector, merged=merged, service_type=service_type
            )
    elif target.kind in ("configmap", "secret"):
        data = member(patch, "data") or member(patch, "stringData")
        if isinstance(data, dict):
            keys = {key: value for key, value in data.items() if isinstance(value, str)}
            yield ConfigReplaced(spot=kubectl.spot, target=target, keys=keys)
    elif isinstance(replicas := member(patch, "spec", "replicas"), int):
        yield Scaled(spot=kubectl.spot, target=target, replicas=replicas)


def member(data: Json, *path: str) -> Json:
    """What stands at a path in nested objects, None where there is nothing."""
    for key in path:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def _service_change(patch: Json) -> tuple[dict[str, str | None] | None, str | None, bool]:
    """Selector, type, and whether the selector is merged."""
    if isinstance(patch, list):
        return _service_change_by_operations(patch)
    service_type = member(patch, "spec", "type")
    found = member(patch, "spec", "selector")
    selector: dict[str, str | None] | None = None
    merged = True
    if isinstance(found, dict):
        selector = {key: value for key, value in found.items() if value is None or isinstance(value, str)}
        merged = selector.pop("$patch", None) != "replace"
    return selector, service_type if isinstance(service_type, str) else None, merged


def _service_change_by_operations(operations: list[Json]) -> tuple[dict[str, str | None] | None, str | None, bool]:
    selector: dict[str, str | None] | None = None
    service_type: str | None = None
    merged = True
    for each in operations:
        path, value = member(each, "path"), member(each, "value")
        if path == "/spec/selector" and isinstance(value, dict):
            selector = {key: text for key, text in value.items() if isinstance(text, str)}
            merged = False
        elif isinstance(path, str) and path.startswith("/spec/selector/"):
            key = path.removeprefix("/spec/selector/").replace("~1", "/").replace("~0", "~")
            selector = {**(selector or {}), key: value if isinstance(value, str) else None}
        elif path == "/spec/type" and isinstance(value, str):
            service_type = value
    return selector, service_type, merged


def _incident_keys(call: "CallView") -> Iterator[IncidentKey]:
    if call.curl is not None:
        yield from _incident_keys_in_data(call.curl)
        return
    said = " ".join(word.value for word in call.words[:3])
    opens, closes = _OPENS.search(said), _CLOSES.search(said)
    if bool(opens) == bool(closes):
        return
    for index, word in enumerate(call.words):
        name, equals, value = word.value.partition("=")
        if not _INCIDENT_KEY.fullmatch(name):
            continue
        if equals:
            yield IncidentKey(spot=word.spot, opens=bool(opens), key=value, literal=word.literal)
        elif index + 1 < len(call.words):
            held = call.words[index + 1]
            yield IncidentKey(spot=held.spot, opens=bool(opens), key=held.value, literal=held.literal)


def _incident_keys_in_data(curl: "Curl") -> Iterator[IncidentKey]:
    for text in curl.data:
        key, action = _KEY_IN_DATA.search(text), _ACTION_IN_DATA.search(text)
        if key and action and action[1] in ("trigger", "resolve"):
            yield IncidentKey(spot=curl.spot, opens=action[1] == "trigger", key=key[1], literal="$" not in key[1])


def _files(call: "CallView") -> Iterator[FileUsed]:
    inside = call.outer.resources[0] if call.outer is not None and call.outer.resources else None
    plain = [word for word in call.arguments if not word.value.startswith("-")]
    match call.name:
        case "tee":
            appends = any(word.value in ("-a", "--append") for word in call.arguments)
            yield from (_file(word, inside, writes=True, appends=appends) for word in plain)
        case "touch":
            yield from (_file(word, inside, writes=True) for word in plain)
        case "curl" if call.curl is not None:
            flag = call.curl.arguments.flag("-o", "--output")
            if flag is not None and flag.text not in ("", "-", "/dev/null"):
                yield FileUsed(spot=flag.spot, path=flag.text, writes=True, literal=flag.literal, inside=inside)
        case "tcpdump":
            yield from (_file(word, inside, writes=True) for word in _behind(call.arguments, "-w"))
        case "tar":
            yield from _tar(call, inside)
        case name if name in _READERS:
            yield from (_file(word, inside, writes=False) for word in plain)
        case _:
            pass


def _tar(call: "CallView", inside: Resource | None) -> Iterator[FileUsed]:
    if len(call.arguments) > 1 and call.arguments[0].value.lstrip("-").endswith("f"):
        archive = call.arguments[1]
        creates = "c" in call.arguments[0].value
        yield _file(archive, inside, writes=creates)
        if creates:
            members = call.arguments[2:]
            yield from (_file(word, inside, writes=False) for word in members if not word.value.startswith("-"))


def _behind(words: tuple[Word, ...], flag: str) -> tuple[Word, ...]:
    return tuple(words[index + 1] for index, word in enumerate(words[:-1]) if word.value == flag)


def _file(word: Word, inside: Resource | None, *, writes: bool, appends: bool = False) -> FileUsed:
    return FileUsed(
        spot=word.spot, path=word.value, writes=writes, appends=appends, literal=word.literal, inside=inside
    )
