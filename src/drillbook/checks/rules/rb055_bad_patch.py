"""RB055: the API server refuses a patch as it is written, or takes a variable's name for its value."""

import re
from collections.abc import Iterator

from drillbook.checks.arguments import Flag
from drillbook.checks.kubectl import Kubectl, parse_data
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.shell import Word
from drillbook.checks.view import View

# Small letters are left out: $patch and its like are words of the patch language.
_VARIABLE = re.compile(r"\$(?:[A-Z][A-Z0-9_]*|\{[A-Za-z_]\w*\}|\([a-z][\w-]*[ )])", re.ASCII)
_MAX_LENGTH = 20_000  # characters; what is longer is not read


def _check(view: View) -> Iterator[Finding]:
    for call, kubectl in view.kubectl:
        # A placeholder such as <pod> is a redirection to the shell, and takes the --type behind it for its file.
        if kubectl.verb != "patch" or any(each.operator == "<" for each in call.redirects):
            continue
        flag = kubectl.arguments.flag("-p", "--patch")
        if flag is None or not flag.literal or not flag.text.strip():
            continue
        fault, suggestion = _fault(kubectl, flag)
        if fault:
            yield RULE.at(flag.spot, fault, suggestion=suggestion)


def _fault(kubectl: Kubectl, flag: Flag) -> tuple[str, str]:
    """What is wrong and what to do, "" where nothing is."""
    text = flag.text
    variable = _VARIABLE.search(text)
    if variable and "'" in (flag.value.text if isinstance(flag.value, Word) else flag.word.text):
        return (
            f"“{variable[0]}” is in single quotes, so it is sent as it stands and not as its value",
            f"close the quotes around it: '…'\"{variable[0]}\"'…'",
        )
    if len(text) > _MAX_LENGTH:
        return "", ""
    patch = parse_data(text)
    if not isinstance(patch, dict | list):
        return "this patch is neither JSON nor YAML, so it is refused", "check its brackets, commas and quotes"
    if kubectl.patch_type == "json" and isinstance(patch, dict):
        return "--type=json takes a list of operations, and this is an object, so it is refused", "use --type=merge"
    if kubectl.patch_type in ("strategic", "merge") and isinstance(patch, list):
        return "a list of operations is refused without --type=json", "add --type=json"
    return "", ""


RULE = Rule(
    id="RB055",
    name="bad-patch",
    severity=Severity.ERROR,
    reason="A patch that cannot be read is refused, and a variable in single quotes is never put in.",
    trips="""\
## Memory is short

1. **Raise the limit**

   ```bash
   kubectl patch deployment web -n shop -p '{"spec":{"replicas":3}'
   kubectl patch service web -n shop -p '{"spec":{"selector":{"version":"$COLOUR"}}}'
   ```
""",
    passes="""\
## Memory is short

1. **Raise the limit**

   ```bash
   kubectl patch deployment web -n shop -p '{"spec":{"replicas":3}}'
   kubectl patch service web -n shop -p '{"spec":{"selector":{"version":"'"$COLOUR"'"}}}'
   kubectl patch deployment web -n shop -p '{"spec":{"template":{"spec":{"volumes":[{"name":"old","$patch":"delete"}]}}}}'
   ```
""",
    check=_check,
)
