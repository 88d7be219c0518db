"""A typed view of kubectl calls; it takes any words and refuses none."""

import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec
from msgspec import Struct

from drillbook.checks.arguments import Arguments, Flag, Grammar, split_arguments, words
from drillbook.checks.model import Spot
from drillbook.checks.shell import Word

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

PROGRAMS = frozenset({"kubectl", "oc", "k"})
_MAX_YAML = 20_000  # characters; PyYAML takes some 50 µs a word
_SWITCHES = words(
    """
    --all --all-namespaces --all-containers --force --watch --watch-only --follow --previous --stdin --tty --quiet
    --recursive --dry-run --now --wait --ignore-not-found --no-headers --show-labels --show-kind --prefix
    --timestamps --help --server-side --force-conflicts --overwrite --local --record --prune --rm --attach
    --containers --use-protocol-buffers --ignore-daemonsets --delete-local-data --delete-emptydir-data
    --disable-eviction --insecure-skip-tls-verify --show-managed-fields --export --minify --raw --flatten --sum
    --save-config --validate --warnings-as-errors --list --client --short --expose --privileged --same-node
    --share-processes --pod-running-timeout-off --no-preserve --ignore-errors --insecure-skip-tls-verify-backend
    --allow-missing-template-keys --match-server-version --resolve --no-color --output-watch-events
    """
)
_VALUED = words(
    """
    -n --namespace -l --selector -o --output -c --container -f --filename -L --label-columns -k --kustomize -v -s
    --server -e --patch --patch-file --type --replicas --timeout --context --cluster --user --kubeconfig --as
    --grace-period --field-selector --sort-by --tail --since --since-time --limit-bytes --max-log-requests --image
    --for --to-revision --revision --token --address --current-replicas --resource-version --cascade --raw
    --from-literal --from-file --from-env-file --port --target-port --overrides --restart --env --labels
    --subresource
    """
)
_WITH_SUBVERB = frozenset(
    {"rollout", "config", "auth", "set", "top", "certificate", "plugin", "api-resources", "apply"}
)
_SUBVERBS = words(
    """
    status undo restart history pause resume view use-context get-contexts current-context set-context can-i
    whoami reconcile image env resources selector serviceaccount subject approve deny view-last-applied
    edit-last-applied set-last-applied list get-clusters get-users set-cluster set-credentials unset
    """
)
_KINDS = {
    "po": "pod",
    "svc": "service",
    "deploy": "deployment",
    "sts": "statefulset",
    "ds": "daemonset",
    "rs": "replicaset",
    "rc": "replicationcontroller",
    "cm": "configmap",
    "ns": "namespace",
    "no": "node",
    "pv": "persistentvolume",
    "pvc": "persistentvolumeclaim",
    "ing": "ingress",
    "cj": "cronjob",
    "ep": "endpoints",
    "ev": "event",
    "sa": "serviceaccount",
    "hpa": "horizontalpodautoscaler",
    "pdb": "poddisruptionbudget",
    "crd": "customresourcedefinition",
    "crds": "customresourcedefinition",
    "netpol": "networkpolicy",
    "networkpolicies": "networkpolicy",
    "sc": "storageclass",
    "storageclasses": "storageclass",
    "ingresses": "ingress",
    "quota": "resourcequota",
    "limits": "limitrange",
    "csr": "certificatesigningrequest",
}
_EVERYTHING = frozenset({"ingress", "endpoints", "all", "storageclass"})
_NAMES_A_FILE = frozenset({"-f", "--filename", "--patch-file", "--from-env-file"})
_OF_ONE_POD = frozenset({"exec", "logs", "attach", "debug", "port-forward", "run"})
_OF_NODES = frozenset({"drain", "cordon", "uncordon"})
_WITH_VALUES_BEHIND = frozenset({"label", "annotate", "taint", "set"})


class Resource(Struct, frozen=True, kw_only=True):
    """Something that a call names: its kind in the singular, and its name ("" for all of the kind).

    The kind is "" where an expansion may hold it, as in "kubectl delete $POD".
    """

    kind: str
    name: str
    namespace: str = ""  # "" where the call does not say it
    literal: bool = True  # the name holds no expansion

    def same_as(self, other: "Resource") -> bool:
        """Whether both may be the same object; a namespace that is not said may be any."""
        return (
            self.literal
            and other.literal
            and (self.kind, self.name) == (other.kind, other.name)
            and (self.namespace == other.namespace or not self.namespace or not other.namespace)
        )


class Kubectl(Struct, frozen=True, kw_only=True):
    """One kubectl call."""

    words: tuple[Word, ...]  # from the program's name on
    verb: str  # get, patch, exec, …; "" where there is none
    subverb: str  # status in "rollout status", image in "set image", else ""
    arguments: Arguments
    resources: tuple[Resource, ...]  # in order; an exec's pod or workload is the one resource
    inner: tuple[Word, ...]  # what an exec, run or debug carries out in the pod
    spot: Spot

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds named, each once."""
        return tuple(dict.fromkeys(each.kind for each in self.resources))

    @property
    def namespace(self) -> str:
        """As the call says it, else ""."""
        return self.arguments.text("-n", "--namespace")

    @property
    def all_namespaces(self) -> bool:
        """Whether -A is there."""
        return self.arguments.has("-A", "--all-namespaces")

    @property
    def selector(self) -> str:
        """The label selector, else ""."""
        return self.arguments.text("-l", "--selector")

    @property
    def dry_run(self) -> bool:
        """Whether nothing is changed."""
        return self.arguments.has("--dry-run") and self.arguments.text("--dry-run") != "none"

    @property
    def files(self) -> tuple[Flag, ...]:
        """The flags that name files or directories to be read; "kubectl logs -f" follows and names none."""
        named = [flag for flag in self.arguments.flags if flag.name in _NAMES_A_FILE and self.verb != "logs"]
        return tuple(flag for flag in named if flag.text not in ("", "-") and "://" not in flag.text)

    @property
    def replicas(self) -> int | None:
        """What a scale call asks for, None where it is no plain number."""
        text = self.arguments.text("--replicas")
        return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None

    @property
    def watches(self) -> bool:
        """Whether it goes on until it is stopped."""
        following = self.verb == "logs" and self.arguments.has("-f", "--follow")
        return following or (self.verb == "get" and self.arguments.has("-w", "--watch", "--watch-only"))

    @property
    def patch_type(self) -> str:
        """Which kind a patch is: strategic, merge or json."""
        return self.arguments.text("--type") or "strategic"

    @property
    def patch_text(self) -> str | None:
        """A patch as it stands in the call, None where it stands elsewhere or holds an expansion."""
        flag = self.arguments.flag("-p", "--patch") if self.verb == "patch" else None
        return flag.text if flag is not None and flag.literal and flag.value is not None else None

    def patch(self) -> Json:
        """The patch as data, None where it is not literal or neither JSON nor YAML."""
        return parse_data(self.patch_text or "")


def parse_data(text: str) -> Json:
    """JSON, else YAML, else None."""
    try:
        found: Json = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return _parse_yaml(text)
    return found


def _parse_yaml(text: str) -> Json:
    if not text.strip() or len(text) > _MAX_YAML:
        return None
    import yaml  # noqa: PLC0415 - a sixth of the time that check takes to start, and few runbooks need it

    try:
        found: Json = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return found


def kind_of(text: str) -> str:
    """A kind in small letters and the singular, without its group: deployments.apps is deployment."""
    kind = text.partition(".")[0].lower()
    if kind in _KINDS:
        return _KINDS[kind]
    return kind if kind in _EVERYTHING or kind.endswith("ss") else kind.removesuffix("s")


def kubectl_of(words: Sequence[Word]) -> Kubectl:
    """The call whose words begin with kubectl."""
    arguments, inner = _split(tuple(words[1:]))
    rest = [*arguments.words]
    verb = rest.pop(0).value if rest else ""
    subverb = ""
    if verb in _WITH_SUBVERB and rest and rest[0].value in _SUBVERBS:
        subverb = rest.pop(0).value
    resources = _resources(verb, rest, arguments.text("-n", "--namespace"))
    return Kubectl(
        words=tuple(words),
        verb=verb,
        subverb=subverb,
        arguments=arguments,
        resources=tuple(resources),
        inner=inner,
        spot=words[0].spot.up_to(words[-1].spot),
    )


def _split(words: tuple[Word, ...]) -> tuple[Arguments, tuple[Word, ...]]:
    verb = next((word.value for word in words if word.value in ("exec", "patch", "logs", "debug")), "")
    valued = _VALUED - {"-f"} if verb == "logs" else _VALUED | {"-p"} if verb == "patch" else _VALUED
    arguments = split_arguments(words, Grammar(valued=valued, switches=_SWITCHES))
    if verb == "exec" and not arguments.dashes and len(arguments.words) > 2:  # noqa: PLR2004 - exec, pod, program
        # An old kubectl took all behind the pod for the program.
        program = arguments.words[2]
        at = next(index for index, word in enumerate(words) if word is program)
        before = split_arguments(words[:at], Grammar(valued=valued, switches=_SWITCHES))
        return before, words[at:]
    return arguments, arguments.behind


def _resources(verb: str, words: list[Word], namespace: str) -> Iterator[Resource]:
    kind = "node" if verb in _OF_NODES else "pod" if verb in _OF_ONE_POD else ""
    rest = [] if verb == "cp" else words[:1] if kind else words
    if not kind and rest and "/" not in rest[0].value and rest[0].literal:
        kinds, *names = rest
        rest = [word for word in names if "=" not in word.value and not word.value.endswith("-")]
        if "," in kinds.value or not rest:
            yield from (Resource(kind=kind_of(each), name="", namespace=namespace) for each in kinds.value.split(","))
            return
        kind = kind_of(kinds.value)
    for word in rest[:1] if verb in _WITH_VALUES_BEHIND else rest:
        before, slash, name = word.value.partition("/")
        if slash and not before.startswith("$"):
            yield Resource(kind=kind_of(before), name=name, namespace=namespace, literal=word.literal)
        elif kind or not word.literal:
            yield Resource(kind=kind, name=word.value, namespace=namespace, literal=word.literal)
