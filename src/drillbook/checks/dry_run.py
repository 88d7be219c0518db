"""RB070: what a cluster refuses of a runbook's kubectl calls when it is asked about them by a server-side dry run.

Somebody else asks. A call is asked about only if all of its words are known and it reads no file, so that what is asked
is what the runbook would do; and only what does not depend on the state of an incident becomes a finding.
"""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from drillbook.checks.arguments import words
from drillbook.checks.kubectl import Kubectl
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View

Ask = Callable[[tuple[str, ...]], str]
"""Runs kubectl with these arguments, which change nothing; returns what it was refused with, "" where it was not."""

REFUSED = "RB070"
NAME = "refused-by-cluster"
REASON = (
    "What the drill's cluster refuses now, whatever state it is in, it refuses at 3 a.m. as well. "
    "It is asked only with `--against-cluster`."
)

DRY_RUN = "--dry-run=server"

_VERBS = words("annotate apply autoscale create delete expose label patch replace scale set taint")
# They name another server, another user or a file, or say already what is to be run dry.
_UNASKABLE = words(
    """
    --dry-run --kubeconfig --server -s --context --cluster --user --token --as --as-group --as-uid --filename -f
    --kustomize -k --patch-file --from-file --from-env-file --raw --cert --key --local --edit --certificate-authority
    --client-key --client-certificate --username --password --tls-server-name --insecure-skip-tls-verify --cache-dir
    --profile --profile-output --kuberc --log-file --log-dir
    """
)
_FLAG = re.compile(r"error: unknown (?:shorthand )?flag: .+")
_REFUSED = re.compile(
    r"(?:Error from server \((?P<reason>\w+)\): |(?P<invalid>The .+ is invalid: )|error: )(?P<said>.+)", re.DOTALL
)
_UNKNOWN_KIND = re.compile(r"the server doesn't have a resource type .+|no matches for kind .+")
_WRONG_EVER_SO = frozenset({"BadRequest", "Invalid", "UnsupportedMediaType", "MethodNotAllowed"})


class _Question(Struct, frozen=True):
    """A call that a cluster can be asked about."""

    call: CallView
    kubectl: Kubectl

    @property
    def arguments(self) -> tuple[str, ...]:
        """Of kubectl; the dry run stands first and last, since the last word on it counts."""
        texts = [word.value for word in self.kubectl.words[1:]]
        at = texts.index(self.kubectl.verb) + 1
        return (*texts[:at], DRY_RUN, *texts[at:], DRY_RUN)


def rule_asking(ask: Ask) -> Rule:
    """The rule, with the cluster that is asked."""

    def check(view: View) -> Iterator[Finding]:
        for question in _questions(view):
            if refusal := ask(question.arguments):
                severity, message = _told(question, refusal, view)
                if message:
                    yield rule.at(question.call.spot, message, severity=severity)

    rule = Rule(id=REFUSED, name=NAME, severity=Severity.ERROR, reason=REASON, trips="", passes="", check=check)
    return rule


def _questions(view: View) -> Iterator[_Question]:
    for call, kubectl in view.kubectl:
        if not call.in_pod and kubectl.verb in _VERBS and _is_known(call, kubectl):
            yield _Question(call, kubectl)


def _is_known(call: CallView, kubectl: Kubectl) -> bool:
    texts = [word.value for word in kubectl.words]
    flags = {text.partition("=")[0] for text in texts} | {flag.name for flag in kubectl.arguments.flags}
    plain = all(word.literal and not word.glob for word in kubectl.words)
    whole = "--" not in texts and not set(call.wrappers) & {"xargs", "env"}
    reads_input = any(redirect.operator.startswith("<") for redirect in call.redirects)
    return plain and whole and not reads_input and not flags & _UNASKABLE


def _told(question: _Question, refusal: str, view: View) -> tuple[Severity, str]:
    """What a refusal says of the runbook, "" where another state of the system might let it pass."""
    if unknown := _FLAG.search(refusal) or _UNKNOWN_KIND.search(refusal):
        of_ours = "--dry-run" in unknown[0]  # a verb that cannot be run dry
        return Severity.ERROR, "" if of_ours else f"this is refused: {_line(unknown[0].removeprefix('error: '))}"
    refused = _REFUSED.search(refusal)
    if refused is None:
        return Severity.ERROR, ""
    if refused["reason"] == "NotFound":
        missing = not _may_exist_by_then(question, view)
        return Severity.WARNING, f"this is not in the cluster: {_line(refused['said'])}" if missing else ""
    unreadable = question.kubectl.verb == "patch" and refused["reason"] is None
    if refused["reason"] in _WRONG_EVER_SO or refused["invalid"] or unreadable:
        return Severity.ERROR, f"the cluster refuses this: {_line(refused['said'])}"
    return Severity.ERROR, ""


def _may_exist_by_then(question: _Question, view: View) -> bool:
    """Whether a command before it may make what it names: then it is no wonder that it is not there now."""
    for call, kubectl in view.kubectl:
        if call is question.call:
            return False
        if kubectl.verb in {"apply", "create", "replace", "run", "expose", "autoscale"}:
            names = {made.name for made in kubectl.resources}
            if not names or "" in names or names & {named.name for named in question.kubectl.resources}:
                return True
    return False


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
