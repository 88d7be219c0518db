"""RB058: what Secrets hold is written to a file or to the screen."""

import re
from collections.abc import Iterator

from drillbook.checks.kubectl import Kubectl
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View

_OUT = frozenset({">", ">>", ">|", "&>", "&>>"})
_PASS_ON = frozenset({"base64", "cat", "tee"})
_VALUES = re.compile(r"\.data\b|\bindex\b.*\.data", re.IGNORECASE)
_PUBLIC = re.compile(r"\bcrt\b|\.metadata|\.keys|ca[.\\-]+crt", re.IGNORECASE)


def _check(view: View) -> Iterator[Finding]:
    for call, kubectl in view.kubectl:
        if "secret" not in kubectl.kinds or kubectl.verb != "get" or not _shows_values(kubectl):
            continue
        place = call.call.place
        if place.substitution:
            continue
        behind = _behind(call)
        if any(each.name not in _PASS_ON for each in behind):
            continue
        kept = _file([call, *behind])
        if kept is not None:
            yield RULE.at(
                kubectl.spot,
                f"the Secrets' values are written to {kept or 'a file'}, for everyone who can read it",
                suggestion="leave secrets out, or keep only their names: kubectl get secrets -o name",
            )
        elif not any(_redirected(each) for each in (call, *behind)):
            yield RULE.at(
                kubectl.spot,
                "the Secrets' values are shown, and stay in whatever keeps the output",
                suggestion="show what the Secret has and not its values: kubectl describe secret …",
                severity=Severity.WARNING,
            )


def _shows_values(kubectl: Kubectl) -> bool:
    form, equals, template = kubectl.arguments.text("-o", "--output").partition("=")
    if form in ("yaml", "json"):
        return not equals
    if form not in ("jsonpath", "go-template", "custom-columns"):
        return False
    return bool(_VALUES.search(template)) and not _PUBLIC.search(template)


def _behind(call: CallView) -> list[CallView]:
    """The stages of its pipe behind it."""
    place = call.call.place
    return [
        each
        for each in call.command.calls
        if each.call.place.pipeline == place.pipeline
        and each.call.place.stage > place.stage
        and not each.call.place.substitution
        and not each.in_pod
    ]


def _file(stages: list[CallView]) -> str | None:
    """The file that the output goes to, None where there is none."""
    for stage in stages:
        if stage.name == "tee":
            named = [word.value for word in stage.arguments if not word.value.startswith("-")]
            if named:
                return named[0]
    for redirect in stages[-1].redirects:
        if redirect.operator in _OUT and redirect.descriptor in (None, 1) and redirect.target is not None:
            return None if redirect.target.value.startswith("/dev/") else redirect.target.value
    return None


def _redirected(call: CallView) -> bool:
    return any(each.operator in (*_OUT, ">&") and each.descriptor in (None, 1) for each in call.redirects)


RULE = Rule(
    id="RB058",
    name="secret-in-clear",
    severity=Severity.ERROR,
    reason="The values of Secrets are only encoded, not encrypted, so a file or a log with them is a leak.",
    trips="""\
## Keep the evidence

1. **Save the configuration**

   ```bash
   kubectl get configmaps,secrets -n shop -o yaml > configuration.yaml
   ```
""",
    passes="""\
## Keep the evidence

1. **Save the configuration**

   ```bash
   kubectl get configmaps -n shop -o yaml > configuration.yaml
   kubectl get secrets -n shop -o name > secrets.txt
   password=$(kubectl get secret web -n shop -o jsonpath='{.data.password}' | base64 -d)
   ```
""",
    check=_check,
)
