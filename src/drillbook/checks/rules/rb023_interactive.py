"""RB023: a command that a person has to go on with."""

from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from drillbook.checks.arguments import Grammar, split_arguments, words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View

_SSH = Grammar(valued=words("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w"))
_OPENS_EDITOR = "opens an editor"
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


class _Wait(Struct, frozen=True):
    """What a command waits for, and what to write instead."""

    what: str
    instead: str


def _check(view: View) -> Iterator[Finding]:
    for call in view.calls:
        found = (wait for why in _WAYS if (wait := why(call)) is not None)
        for wait in islice(found, 1):
            yield RULE.at(call.spot, f"this {wait.what}: run by a program it hangs or fails", suggestion=wait.instead)


def _is_fed(call: CallView) -> bool:
    return bool(call.redirects) or call.call.place.stage > 0


def _editor(call: CallView) -> _Wait | None:
    if call.kubectl is not None:
        told = {"EDITOR", "KUBE_EDITOR", "VISUAL"}.intersection(each.name for each in call.call.assignments)
        opens = call.kubectl.verb == "edit" and not told
        return _Wait(_OPENS_EDITOR, "say the change in the command: kubectl patch, set or apply -f") if opens else None
    if call.name in _EDITORS:
        opens = not _is_fed(call) and not any(word.value in _SCRIPTED for word in call.arguments)
    else:
        opens = call.name == "crontab" and any(word.value == "-e" for word in call.arguments)
    instead = "say the change in the command, with sed or a file that is kept beside the runbook"
    return _Wait(_OPENS_EDITOR, instead) if opens else None


def _pager(call: CallView) -> _Wait | None:
    waits = call.name in _PAGERS and call.call.place.last_stage and not call.redirects
    return _Wait("waits for keys", f"leave out {call.name}, or write the output to a file") if waits else None


def _shell(call: CallView) -> _Wait | None:
    if call.name not in _SHELLS or call.outer is None or call.arguments or _is_fed(call):
        return None
    if not call.outer.arguments.has("-i", "--stdin"):
        return None
    return _Wait("opens a shell in the pod and waits for input", "say what to run there, behind --")


def _ssh(call: CallView) -> _Wait | None:
    if call.name != "ssh" or _is_fed(call):
        return None
    found = split_arguments(call.arguments, _SSH)
    ends = found.has("-N", "-f", "-V", "-G", "-O", "-Q", "-W")
    if ends or len(found.words) + len(found.behind) != 1:
        return None
    instead = "say what to run there: ssh -o BatchMode=yes host -- command"
    return _Wait("opens a shell on another machine and waits for input", instead)


def _sql_shell(call: CallView) -> _Wait | None:
    """In a pod it has no input, unless RB022 speaks of it."""
    grammar = _SQL_SHELLS.get(call.name)
    if grammar is None or call.outer is not None or _is_fed(call):
        return None
    if split_arguments(call.arguments, grammar).has(*_TOLD):
        return None
    flag = "-c" if call.name == "psql" else "-e"
    return _Wait("opens a SQL shell and waits for input", f"say the query: {call.name} {flag} '…'")


def _sign_in(call: CallView) -> _Wait | None:
    said = tuple(word.value for word in call.words)
    by_hand = any(said[: len(words_)] == words_ for words_ in _SIGN_IN)
    if not by_hand or any(value.startswith(_SIGNS_IN_ALONE) for value in said):
        return None
    instead = "say that one has to be signed in before the procedure begins, and check it here"
    return _Wait("waits until somebody has signed in", instead)


def _plan(call: CallView) -> _Wait | None:
    """Applying a plan that is kept in a file asks nobody."""
    verbs = [word.value for word in call.arguments if not word.value.startswith("-")]
    agreed = any("auto-approve" in word.value or word.value == "-input=false" for word in call.arguments)
    asks = verbs == ["apply"] or verbs[:1] == ["destroy"]
    if call.name not in _PLANNERS or _is_fed(call) or agreed or not asks:
        return None
    instead = f"plan into a file that somebody reads, and apply that: {call.name} apply changes.plan"
    return _Wait("asks whether to go on", instead)


_WAYS = (_editor, _pager, _shell, _ssh, _sql_shell, _sign_in, _plan)


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
