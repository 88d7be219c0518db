"""RB008: a variable that nothing sets before it is used."""

from collections.abc import Iterator

from drillbook.checks.arguments import words
from drillbook.checks.events import VariableSet
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.variables import readings, spoken_of
from drillbook.checks.view import View

# Set by the shell, by the login, or by whoever set up a tool that reads them itself.
_KNOWN = words(
    """
    HOME USER LOGNAME PATH PWD OLDPWD SHELL TERM LANG HOSTNAME HOSTTYPE OSTYPE MACHTYPE UID EUID PPID RANDOM SRANDOM
    SECONDS EPOCHSECONDS EPOCHREALTIME LINENO FUNCNAME PIPESTATUS GROUPS DIRSTACK SHLVL IFS OPTARG OPTIND OPTERR REPLY
    MAPFILE COLUMNS LINES EDITOR VISUAL PAGER TMPDIR TMP TEMP DISPLAY MAIL TZ KUBECONFIG GOPATH GOROOT JAVA_HOME
    SUDO_USER PS1 PS2 PS4 PROMPT_COMMAND MANPATH http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY CI
    """
)
_KNOWN_BEGINNINGS = ("BASH", "LC_", "XDG_", "SSH_", "AWS_", "GOOGLE_", "CLOUDSDK_", "DOCKER_", "GITHUB_", "COMP_")


def _check(view: View) -> Iterator[Finding]:
    reported: set[tuple[str, int]] = set()
    found = [each for each in readings(view.trail) if each.setter is None and not _is_known(each.used.name)]
    if not found:
        return
    told = spoken_of(view)
    set_later = {each.name: each for each in reversed(view.trail.of(VariableSet)) if not each.guards}
    for each in found:
        name = each.used.name
        command = view.commands[each.used.command]
        place = (name, command.procedure_line)
        later = set_later.get(name)
        in_function = any(call.place.function for call in command.syntax.calls)
        if name in told or place in reported or (later and in_function):
            continue
        reported.add(place)
        # By custom, small letters are never a variable of the environment; and what is set further down is none.
        own = later is not None and view.commands[later.command].procedure is command.procedure
        capital = name == name.upper() and not own
        yield RULE.at(
            each.used.spot,
            f"“${name}” is empty here"
            + (", unless the environment has it" if capital else "")
            + ": "
            + (f"it is set only in line {later.spot.line}" if later else "nothing in this document sets it"),
            suggestion=f'set it before, or stop without it: "${{{name}:?}}"',
            severity=Severity.WARNING if capital else None,
        )


def _is_known(name: str) -> bool:
    return name in _KNOWN or name.startswith(_KNOWN_BEGINNINGS)


RULE = Rule(
    id="RB008",
    name="undefined-variable",
    severity=Severity.ERROR,
    reason="A variable that is not set is an empty argument: the command fails, or hits something else.",
    trips="""\
## A pod hangs

1. **Delete it**

   ```bash
   kubectl delete pod "$pod" -n shop
   ```
""",
    passes="""\
## A pod hangs

Set `REGION` to the region that the alarm names.

1. **Delete it**

   ```bash
   pod=$(cat incident/pod)
   kubectl delete pod "$pod" -n shop
   kubectl get nodes -l "region=$REGION" --kubeconfig "$HOME/.kube/config"
   for service in web store; do kubectl get service "$service" -n "${NAMESPACE:-shop}"; done
   ```
""",
    check=_check,
)
