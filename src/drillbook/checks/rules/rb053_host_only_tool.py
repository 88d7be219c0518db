"""RB053: a program that works on a node stands among commands that are carried out from elsewhere."""

import re
from collections.abc import Iterator

from drillbook.checks.arguments import words
from drillbook.checks.model import Finding, Rule, Severity
from drillbook.checks.view import CallView, View

_OF_A_HOST = words(
    "systemctl service journalctl crictl ctr dmesg iptables ip6tables nft ipvsadm modprobe lsmod rmmod reboot shutdown "
    "poweroff kubeadm swapon swapoff ethtool lsblk fdisk umount"
)
_ENTERS = words("ssh chroot nsenter vagrant multipass lxc minikube talosctl")
_SAYS_WHERE = re.compile(
    r"\b(?:on|onto|into|in|to|from|of|at) (?:the |each |every |any |a |an |that |this |all |your |its |both |affected )?"
    r"(?:[\w`'()-]+ ){0,3}(?:nodes?|hosts?|servers?|machines?|vms?|instances?|box(?:es)?|masters?|workers?"
    r"|control[ -]planes?|bastion|members?)\b"
    r"|\b(?:node|host|server|machine|vm)(?: |-)?(?:shell|console|terminal)\b|\bssh\b|\blog(?:ged)?[ -]?(?:in|on)\b",
    re.IGNORECASE,
)


def _check(view: View) -> Iterator[Finding]:
    said: set[int] = set()
    for call in view.calls:
        procedure = view.lines_of(call.command.procedure).start
        if call.in_pod or call.name not in _OF_A_HOST or procedure in said:
            continue
        said.add(procedure)  # what is said once is known for the rest, and what is missing too
        if not _elsewhere(view, call) or _is_told(view, call):
            continue
        yield RULE.at(
            call.spot,
            f"“{call.name}” works on the machine that it is run on, and nothing says which: kubectl is run from anywhere",
            suggestion="say on which node, and go there in the command: ssh NODE …, or kubectl debug node/NODE …",
        )


def _elsewhere(view: View, call: CallView) -> bool:
    """Whether its procedure is carried out with kubectl, so from anywhere; else it may be all about one machine."""
    lines = view.lines_of(call.command.procedure)
    return any(each.kubectl is not None and not each.in_pod for each in view.calls_in(lines))


def _is_told(view: View, call: CallView) -> bool:
    """Whether words say on which machine, or a command before goes there."""
    first = view.lines_of(call.command.procedure).start
    lines = range(first, call.command.line + 1)
    if any(_goes_there(each) for each in view.calls_in(lines)):
        return True
    comments = [each.text for each in call.command.command.comments_before]
    prose = [view.prose[line] for line in lines if line in view.prose]
    return any(_SAYS_WHERE.search(text) for text in (*comments, *prose))


def _goes_there(call: CallView) -> bool:
    kubectl = call.kubectl
    if kubectl is not None:
        on_the_control_plane = "sudo" in call.wrappers or kubectl.arguments.text("--kubeconfig").startswith("/etc/")
        return kubectl.verb == "debug" or on_the_control_plane
    return call.name in _ENTERS or any(word.value in ("ssh", "ssm", "compute") for word in call.arguments[:2])


RULE = Rule(
    id="RB053",
    name="host-only-tool",
    severity=Severity.WARNING,
    reason="Where kubectl is run, services and logs are another machine's than the node's.",
    trips="""\
## Pods do not start

1. **Look, and start the kubelet anew**

   ```bash
   kubectl get pods -n shop
   sudo systemctl restart kubelet
   ```
""",
    passes="""\
## Pods do not start

1. **Look, and start the kubelet anew**

   ```bash
   kubectl get pods -n shop
   ssh node-1 sudo systemctl restart kubelet
   ```

## The web server is down

1. **Start it anew**

   ```bash
   sudo systemctl restart nginx
   ```
""",
    check=_check,
)
