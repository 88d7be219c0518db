"""RB052: a command needs a file that the runbook neither brings nor writes.

No other file is read here, so whether it is there cannot be known: what is said is that the runbook does not care for it.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from drillbook.checks.arguments import words
from drillbook.checks.events import FileUsed
from drillbook.checks.model import Finding, Rule, Severity, Spot
from drillbook.checks.shell import Word
from drillbook.checks.view import CallView, View

_INTERPRETERS = words("bash sh zsh ksh dash python python3 ruby perl node source .")
_PROGRAM = re.compile(r"[\w.-]*/[\w./-]+", re.ASCII)
_SCRIPT = re.compile(r"[\w./-]+\.(?:sh|bash|py|rb|pl|js)", re.ASCII)
# Any of these may bring files, and nobody can see from here which ones.
_BRINGS = words(
    "cd pushd git gh wget tar unzip gunzip cp mv ln scp rsync install aws gsutil gcloud az helm terraform docker podman "
    "vi vim nvim nano emacs code make sops gpg openssl ssh-keygen kustomize"
)
_SAVES = ("-O", "--remote-name", "-J", "--remote-header-name")
_PLACE = r"(?:director(?:y|ies)|folder|repositor(?:y|ies)|repo|checkout|clone|root|working copy)\b"
_SAYS_WHERE = re.compile(
    rf"\b(?:work|run|start|carry out|execut\w+|go|change|clone|check out|download|open)\b[^.|]{{0,80}}\b{_PLACE}"
    rf"|\b(?:from|in|into) (?:the |your |a |this )?(?:[\w`'/.-]+ ){{0,4}}{_PLACE}",
    re.IGNORECASE,
)


def _check(view: View) -> Iterator[Finding]:
    told = tuple(view.prose.values())
    if any(_SAYS_WHERE.search(text) for text in told):
        return
    writes = [event for event in view.trail.of(FileUsed) if event.writes and event.inside is None]
    said: set[tuple[int, PurePosixPath]] = set()
    for call in view.calls:
        if _brings(call):
            return
        procedure = view.lines_of(call.command.procedure).start
        for path, spot in _needed(call):
            # One for each directory and procedure: the other files are missed for the same reason.
            place = (procedure, PurePosixPath(path).parent)
            if place in said or _written_before(writes, path, spot) or _is_named(path, told):
                continue
            said.add(place)
            yield RULE.at(
                spot,
                f"this runbook neither brings nor writes “{path}”, and does not say where it is: without it the step fails",
                suggestion="say which directory to work from or where the file is kept, or write it here",
            )


def _needed(call: CallView) -> Iterator[tuple[str, Spot]]:
    """Files of the responder's own that a call cannot do without: a script, a manifest."""
    if call.in_pod:
        return
    if call.kubectl is not None:
        for flag in call.kubectl.files:
            if flag.literal and _is_relative(flag.text):
                yield flag.text, flag.spot
    program = call.words[0]
    if program.literal and _PROGRAM.fullmatch(program.value) and _is_relative(program.value):
        yield program.value, program.spot
    elif call.name in _INTERPRETERS and call.arguments and _is_script(call.arguments[0]):
        yield call.arguments[0].value, call.arguments[0].spot


def _is_named(path: str, told: tuple[str, ...]) -> bool:
    """Whether the prose speaks of the file, and so may say where it comes from."""
    return any(PurePosixPath(path).name in text for text in told)


def _is_script(word: Word) -> bool:
    return word.literal and _is_relative(word.value) and _SCRIPT.fullmatch(word.value) is not None


def _is_relative(path: str) -> bool:
    """Whether it names a file in the working directory or in /tmp, and not standard input, a URL or a pattern."""
    if path in ("", "-", ".", "..", "./") or "://" in path or re.search(r"[$~*?\[{<>%]", path):
        return False
    return not path.startswith("/") or path.startswith("/tmp/")  # noqa: S108 - a path in a runbook


def _written_before(writes: list[FileUsed], path: str, spot: Spot) -> bool:
    wanted = PurePosixPath(path)
    return any(PurePosixPath(event.path) == wanted for event in writes if _place(event.spot) < _place(spot))


def _brings(call: CallView) -> bool:
    if call.in_pod:
        return False
    saves = call.curl is not None and call.curl.arguments.has(*_SAVES)
    copies = call.kubectl is not None and call.kubectl.verb == "cp"
    return call.name in _BRINGS or saves or copies


def _place(spot: Spot) -> tuple[int, int]:
    return spot.line, spot.column


RULE = Rule(
    id="RB052",
    name="missing-file",
    severity=Severity.WARNING,
    reason="A script or manifest that only its author has fails on the day it is needed.",
    trips="""\
## Web is down

1. **Go back**

   ```bash
   ./scripts/rollback.sh emergency
   kubectl apply -n shop -f fallback.yaml
   ```
""",
    passes="""\
## Web is down

1. **Go back**

   ```bash
   kubectl get deployment web -n shop -o json | jq '.spec.replicas = 1' > incident.json
   kubectl apply -n shop -f incident.json
   kubectl apply -f https://example.com/fallback.yaml
   kubectl get deployment web -n shop -o yaml | kubectl apply -f -
   ```

2. **Start the script**

   It is `/opt/shop/rollback.sh` on every responder.

   ```bash
   /opt/shop/rollback.sh emergency
   ```
""",
    check=_check,
)
