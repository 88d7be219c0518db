import pytest

from drillbook.checks import Finding, Severity
from drillbook.checks.dry_run import rule_asking
from drillbook.checks.engine import Selection, check_document

DRY = "--dry-run=server"


def runbook(*commands: str) -> bytes:
    block = "\n   ".join(commands)
    return f"# Web\n\n## Outage\n\n1. **Change**\n\n   ```bash\n   {block}\n   ```\n".encode()


def asked(*commands: str, refusal: str = "") -> tuple[list[tuple[str, ...]], tuple[Finding, ...]]:
    """What the cluster was asked, and the findings if it refuses the last of it with these words."""
    questions: list[tuple[str, ...]] = []

    def ask(arguments: tuple[str, ...]) -> str:
        questions.append(arguments)
        return refusal if commands[-1].split()[1] in arguments else ""

    found = check_document(runbook(*commands), "web.md", Selection(select=("RB070",)), (rule_asking(ask),))
    return questions, found


def test_a_call_is_asked_about_as_it_stands_but_dry() -> None:
    questions, _ = asked(
        "kubectl -n web patch service web -p '{\"spec\": {}}'", "kubectl get pods", "kubectl edit svc x"
    )
    assert questions == [("-n", "web", "patch", DRY, "service", "web", "-p", '{"spec": {}}', DRY)]


@pytest.mark.parametrize(
    "command",
    [
        "kubectl get pods -n web",
        "kubectl delete pod $POD",
        "kubectl delete pod $(kubectl get pods -o name)",
        "kubectl apply -f web.yaml",
        "kubectl apply -Rf web",
        "kubectl apply --filename=web.yaml",
        "kubectl create configmap x --from-file=x",
        "kubectl patch svc web --patch-file p.json",
        "kubectl delete pod web --dry-run=none",
        "kubectl delete pod web --cascade --dry-run=none",
        "kubectl delete pod web --context other",
        "kubectl -shttps://other delete pod web",
        "kubectl --kubeconfig=other delete pod web",
        "kubectl delete pod web -- --now",
        "kubectl exec web -- kubectl delete pod other",
        "echo web | xargs kubectl delete pod",
        "kubectl create -n web quota q < file",
        "kubectl rollout restart deployment/web",
        "kubectl drain node",
    ],
)
def test_what_is_not_known_or_might_be_carried_out_is_not_asked(command: str) -> None:
    assert asked(command)[0] == []


@pytest.mark.parametrize(
    ("command", "refusal", "message"),
    [
        (
            "kubectl scale deployment web --replica=2",
            "error: unknown flag: --replica\nSee 'kubectl scale --help' for usage.",
            "this is refused: unknown flag: --replica",
        ),
        (
            "kubectl delete pods,webs x",
            'error: the server doesn\'t have a resource type "webs"',
            'this is refused: the server doesn\'t have a resource type "webs"',
        ),
        (
            "kubectl patch service web -p x",
            "Error from server (BadRequest): invalid character 'x'\n  looking for \"{\"",
            "the cluster refuses this: invalid character 'x' looking for \"{\"",
        ),
        (
            "kubectl patch service web -p x",
            'The Service "web" is invalid: spec.type: Unsupported value: "X"',
            'the cluster refuses this: spec.type: Unsupported value: "X"',
        ),
        (
            "kubectl patch service web --type=json -p {}",
            'error: unable to parse "{}": expected a list',
            'the cluster refuses this: unable to parse "{}": expected a list',
        ),
    ],
)
def test_what_is_refused_in_any_state_is_an_error(command: str, refusal: str, message: str) -> None:
    (found,) = asked(command, refusal=refusal)[1]
    assert (found.severity, found.message, found.line) == (Severity.ERROR, message, 8)


NOT_FOUND = 'Error from server (NotFound): configmaps "old" not found'


def test_what_is_not_there_is_a_warning_unless_an_earlier_command_may_make_it() -> None:
    delete = "kubectl delete configmap old -n web"
    (found,) = asked(delete, refusal=NOT_FOUND)[1]
    assert (found.severity, found.message) == (
        Severity.WARNING,
        'this is not in the cluster: configmaps "old" not found',
    )
    assert asked("kubectl create configmap old -n web", delete, refusal=NOT_FOUND)[1] == ()
    assert asked("kubectl apply -f all.yaml", delete, refusal=NOT_FOUND)[1] == ()
    assert len(asked("kubectl create configmap new -n web", delete, refusal=NOT_FOUND)[1]) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        'Error from server (AlreadyExists): configmaps "x" already exists',
        "Error from server (Conflict): the object has been modified",
        "error: unknown flag: --dry-run",
        "The connection to the server 127.0.0.1:1 was refused",
        "error: timed out waiting for the condition",
    ],
)
def test_what_hangs_on_the_moment_is_no_finding(refusal: str) -> None:
    assert asked("kubectl create configmap x -n web", refusal=refusal)[1] == ()


def test_a_comment_ignores_it_as_any_other_finding() -> None:
    ignore = b"   <!-- drillbook-ignore RB070: the other team makes it -->\n\n   ```bash"
    source = runbook("kubectl delete configmap old")
    selection, rules = Selection(select=("RB070",)), (rule_asking(lambda _: NOT_FOUND),)
    assert len(check_document(source, "web.md", selection, rules)) == 1
    assert check_document(source.replace(b"   ```bash", ignore), "web.md", selection, rules) == ()
    assert check_document(source, "web.md", Selection(ignore=("RB07",)), rules) == check_document(
        source, "web.md", Selection(ignore=("RB07",))
    )
