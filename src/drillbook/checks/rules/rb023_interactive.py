"""RB023: a command that a person has to go on with."""

from collections.abc import Iterator

from drillbook.checks.arguments import Grammar, split_arguments, words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View

_SSH = Grammar(valued=words("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w"))
_EDITORS = words("vi vim nvim nano emacs pico visudo")
_PAGERS = words("less more")
_SHELLS = words("bash sh zsh ash")
_SQL_SHELLS = {
    "psql": Grammar(valued=words("-d -f -F -h -o -p -P -R -T -U -v -L --dbname --host --port --username --set")),
    "mysql": Grammar(valued=words("-h -P -u -D -S --host --port --user --database --socket")),
}
_TOLD = ("-c", "--command", "-f", "--file", "-l", "--list", "-e", "--execute", "-V", "--version", "--help", "-?")
_SIGN_IN = (("aws", "sso", "login"), ("gcloud", "auth", "login"), ("az", "login"), ("gh", "auth", "login"))
_SIGNS_IN_ALONE = ("--service-principal", "--identity", "--with-token", "--cred-file", "--federated-token")
_PLANNERS = frozenset({"terraform", "tofu", "terragrunt"})
_SCRIPTED = words("-es -Es -s -S -c --batch -batch --version")  # an editor that is told what to do


def _check(view: View) -> Iterator[Finding]:
    for call in view.calls:
        what = _why(call)
        if what:
            yield RULE.at(
                call.spot,
                f"this {what}: run by a program it hangs or fails",
                suggestion=_instead(call),
            )


def _why(call: CallView) -> str:
    fed = bool(call.redirects) or call.call.place.stage > 0
    if _edits(call, fed=fed):
        return "opens an editor"
    if call.name in _PAGERS and call.call.place.last_stage and not call.redirects:
        return "waits for keys"
    if call.name == "ssh" and not fed:
        return _of_ssh(call)
    if call.name in _SQL_SHELLS and call.outer is None and not fed:
        told = split_arguments(call.arguments, _SQL_SHELLS[call.name]).has(*_TOLD)
        return "" if told else "opens a SQL shell and waits for input"
    if _signs_in(call):
        return "waits until somebody has signed in"
    if call.name in _PLANNERS and not fed:
        return _of_plan(call)
    if call.name in _SHELLS and call.outer is not None and not call.arguments and not fed:
        return "opens a shell in the pod and waits for input" if call.outer.arguments.has("-i", "--stdin") else ""
    return ""


def _edits(call: CallView, *, fed: bool) -> bool:
    if call.kubectl is not None:
        editor = {"EDITOR", "KUBE_EDITOR", "VISUAL"}.intersection(each.name for each in call.call.assignments)
        return call.kubectl.verb == "edit" and not editor
    if call.name in _EDITORS:
        return not fed and not any(word.value in _SCRIPTED for word in call.arguments)
    return call.name == "crontab" and any(word.value == "-e" for word in call.arguments)


def _of_ssh(call: CallView) -> str:
    found = split_arguments(call.arguments, _SSH)
    ends = found.has("-N", "-f", "-V", "-G", "-O", "-Q", "-W")
    only_the_host = len(found.words) + len(found.behind) == 1
    return "opens a shell on another machine and waits for input" if only_the_host and not ends else ""


def _signs_in(call: CallView) -> bool:
    said = tuple(word.value for word in call.words)
    by_hand = any(said[: len(words_)] == words_ for words_ in _SIGN_IN)
    return by_hand and not any(value.startswith(_SIGNS_IN_ALONE) for value in said)


def _of_plan(call: CallView) -> str:
    """Applying a plan that is kept in a file asks nobody."""
    verbs = [word.value for word in call.arguments if not word.value.startswith("-")]
    agreed = any("auto-approve" in word.value or word.value == "-input=false" for word in call.arguments)
    asks = (verbs[:1] == ["apply"] and len(verbs) == 1) or verbs[:1] == ["destroy"]
    return "asks whether to go on" if asks and not agreed else ""


def _instead(call: CallView) -> str:
    if call.kubectl is not None:
        return "say the change in the command: kubectl patch, set or apply -f"
    if call.name == "ssh":
        return "say what to run there: ssh -o BatchMode=yes host -- command"
    if call.name in _PAGERS:
        return f"leave out {call.name}, or write the output to a file"
    if call.name in _SHELLS:
        return "say what to run there, behind --"
    if call.name in _SQL_SHELLS:
        return f"say the query: {call.name} {'-c' if call.name == 'psql' else '-e'} '…'"
    if call.name in _PLANNERS:
        return f"plan into a file that somebody reads, and apply that: {call.name} apply changes.plan"
    if _signs_in(call):
        return "say that one has to be signed in before the procedure begins, and check it here"
    return "say the change in the command, with sed or a file that is kept beside the runbook"


RULE = Rule(
    id="RB023",
    name="interactive",
    severity=Severity.WARNING,
    reason="A command that a person has to go on with is no command that can be drilled.",
    trips="""\
## Too few pods

1. **Change the number**

   ```bash
   kubectl edit deployment web -n shop
   ssh node-1
   ```
""",
    passes="""\
## Too few pods

1. **Change the number**

   ```bash
   kubectl scale deployment web -n shop --replicas=3
   ssh -o BatchMode=yes node-1 uptime
   ssh node-1 < check.sh
   ```
""",
    check=_check,
)
