"""RB023: a command that a person has to go on with."""

from collections.abc import Iterator

from drillbook.checks.arguments import Grammar, split_arguments, words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View

_SSH = Grammar(valued=words("-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w"))
_EDITORS = words("vi vim nvim nano emacs pico visudo")
_PAGERS = words("less more")
_SHELLS = words("bash sh zsh ash")
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


def _instead(call: CallView) -> str:
    if call.kubectl is not None:
        return "say the change in the command: kubectl patch, set or apply -f"
    if call.name == "ssh":
        return "say what to run there: ssh -o BatchMode=yes host -- command"
    if call.name in _PAGERS:
        return f"leave out {call.name}, or write the output to a file"
    if call.name in _SHELLS:
        return "say what to run there, behind --"
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
