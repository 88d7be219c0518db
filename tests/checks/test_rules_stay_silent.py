"""What the rules say nothing about, though it looks like a fault."""

import pytest

from drillbook.checks import Selection, check_document

APPLIES_LATER = "kubectl scale deployment web -n shop --replicas=0\nkubectl apply -n shop -f web.yaml"
TWO_COLOURS = """kubectl patch service web -n shop -p '{"spec":{"selector":{"version":"green"}}}'"""
SCALES_UP = "kubectl scale deployment web -n shop --replicas=5"
WHOLE_LATER = """kubectl patch service web -n shop -p '{"spec":{"type":"ClusterIP"}}'
kubectl patch service web -n shop --patch-file incident/before.json"""
LOOP = """for d in web store; do kubectl scale deployment "$d" -n shop --replicas=0; done
for d in web store; do kubectl scale deployment "$d" -n shop --replicas=2; done"""
SAME_KEY = 'KEY=web-$(date +%s)\npagerduty-trigger --incident-key="$KEY"\npagerduty-resolve --incident-key="$KEY"'
CLOSES_ONLY = "pagerduty-resolve --incident-key=web-1"
ONE_VALUE = """kubectl patch configmap web -n shop -p '{"data":{"LEVEL":"debug"}}'"""
WHOLE_JSON = """kubectl patch configmap web -n shop -p '{"data":{"flags.json":"{}"}}'"""
COPIES_IT = "kubectl get secret web -n shop -o yaml | sed 's/shop/test/' | kubectl apply -f -"
ENCRYPTS = "kubectl get secrets -n shop -o yaml | gpg --encrypt -r ops > secrets.gpg"
CERTIFICATE = "kubectl get secret web -n shop -o jsonpath='{.data.ca\\.crt}' | base64 -d > ca.crt"
WORKS_ON_IT = "kubectl get configmap web -n shop -o yaml > /tmp/web.yaml\nkubectl replace -f /tmp/web.yaml"
COPIES_OUT = "kubectl exec -n shop web-0 -- tcpdump -c 9 -w /tmp/a.pcap\nkubectl cp shop/web-0:/tmp/a.pcap a.pcap"
SENDS = "kubectl logs -n shop web-0 > /tmp/web.log\naws s3 cp /tmp/web.log s3://evidence/web.log"
QUERY = "kubectl exec -n shop web-0 -- curl http://localhost/items?id=1"
QUOTED = "kubectl exec -n shop web-0 -- find /data -name '*.log'"
SPLIT_QUOTES = """kubectl patch pvc a -n shop -p '{"metadata":{"labels":{"by":"'$USER'"}}}'"""
YAML = "kubectl patch deployment web -n shop -p 'spec: {replicas: 2}'"
SHORT_NULL = "find . -name '*.tmp' -print0 | xargs -0r rm"
PLACEHOLDER = "kubectl delete pod <pod> -n shop"
PLACEHOLDER_IN_EXEC = "kubectl exec -n shop pod/<pod> -- ls /data"
PLACEHOLDER_IN_PATCH = """kubectl patch vm <vm> --type=json -p '[{"op":"remove","path":"/spec/a"}]'"""
KEY_OF_THE_DAY = "pagerduty-trigger --incident-key=web-$(date +%F)\npagerduty-resolve --incident-key=web-$(date +%F)"
SERVED = "kubectl config set-context --current --namespace=shop\nkubectl delete pod web-0"


@pytest.mark.parametrize(
    ("rule", "commands"),
    [
        ("RB047", APPLIES_LATER),
        ("RB047", TWO_COLOURS),
        ("RB047", SCALES_UP),
        ("RB047", WHOLE_LATER),
        ("RB047", LOOP),
        ("RB057", SAME_KEY),
        ("RB057", CLOSES_ONLY),
        ("RB056", ONE_VALUE),
        ("RB056", WHOLE_JSON),
        ("RB058", COPIES_IT),
        ("RB058", ENCRYPTS),
        ("RB058", CERTIFICATE),
        ("RB059", WORKS_ON_IT),
        ("RB059", COPIES_OUT),
        ("RB059", SENDS),
        ("RB044", QUERY),
        ("RB044", QUOTED),
        ("RB055", SPLIT_QUOTES),
        ("RB055", YAML),
        ("RB045", SHORT_NULL),
        ("RB040", SERVED),
        ("RB055", PLACEHOLDER_IN_PATCH),
        ("RB057", KEY_OF_THE_DAY),
        ("RB051", PLACEHOLDER_IN_EXEC),
        ("RB040", PLACEHOLDER),
    ],
)
def test_says_nothing(rule: str, commands: str) -> None:
    document = f"## Web is down\n\n1. **Mend it**\n\n```bash\n{commands}\n```\n"
    assert check_document(document.encode(), "runbook.md", Selection(select=(rule,))) == ()


@pytest.mark.parametrize(
    ("rule", "commands"),
    [
        ("RB047", 'kubectl patch deployment web -n shop -p \'{"spec":{"replicas":0}}\''),
        ("RB057", "pagerduty-trigger --incident-key=a-$(date +%s)\npagerduty-resolve --incident-key=a-$(date +%s)"),
        ("RB058", "kubectl get secrets -n shop -o json | tee secrets.json"),
        ("RB055", "kubectl patch service web -n shop --type=json -p '{\"spec\":{}}'"),
        ("RB043", 'kubectl patch pvc a --type=json -p \'[{"op":"remove","path":"/metadata/finalizers"}]\''),
    ],
)
def test_says_something(rule: str, commands: str) -> None:
    document = f"## Web is down\n\n1. **Mend it**\n\n```bash\n{commands}\n```\n"
    assert len(check_document(document.encode(), "runbook.md", Selection(select=(rule,)))) == 1


SETS = "## Web\n\n1. **Find**\n\n   ```bash\n   pod=$(cat pod)\n   ```\n"
USES = '\n2. **Delete**\n\n   ```bash\n   kubectl delete pod "$pod"\n   ```\n'
ONE_SHELL = "\nCarry out all steps in the same terminal.\n"
SET_UP = "## Before\n\n1. **Set up**\n\n```bash\nexport pod=web-0\n```\n"
OTHER = '\n## Store\n\n1. **Delete**\n\n```bash\nkubectl delete pod "$pod"\n```\n'
TABLE = "| Variable | What |\n|---|---|\n| `POD` | the pod of the alarm |\n"
USES_POD = "## Web\n\n1. **Delete**\n\n```bash\nkubectl delete pod $POD\n```\n"
MOVES = "## Web\n\n1. **Go**\n\n```bash\ncd ~/web\n```\n\n2. **Run**\n\n```bash\n"
TOLD = "## Web\n\n1. **Restart**\n\n   {}\n"
IN_A_BLOCK = "\n2. **Again**\n\n   ```bash\n   kubectl delete pod web\n   ```\n"
BESIDE = "## Web\n\n1. **Make room**\n\n   ```bash\n   # On the console\n   ```\n\n   ```bash\n   df -h\n   ```\n"


@pytest.mark.parametrize(
    ("rule", "document", "severities"),
    [
        ("RB008", SETS + USES, []),
        ("RB008", TABLE + "\n" + USES_POD, []),
        ("RB008", "Set $POD first.\n\n" + USES_POD, []),
        ("RB008", "```env\nPOD=web-0\n```\n\n" + USES_POD, []),
        ("RB008", "```bash\nexport POD=<the pod>\n```\n\n" + USES_POD, []),
        ("RB008", "The POD is down.\n\n" + USES_POD, ["warning"]),
        ("RB008", "```python\nprint(f'{pod} $pod')\n```\n", []),
        ("RB008", SETS.replace("pod=", "other=") + USES, ["error"]),
        ("RB009", SETS + USES, ["note"]),
        ("RB009", SETS + ONE_SHELL + USES, []),
        ("RB009", SETS + USES.replace("$pod", "${pod:?}"), []),
        ("RB009", SETS + OTHER, ["note"]),
        ("RB009", SET_UP + OTHER, ["note"]),
        ("RB009", SETS.replace("   pod=", "   kubectl get pods\n   pod=") + OTHER, ["warning"]),
        ("RB010", MOVES + "./rollback.sh\n```\n", ["note"]),
        ("RB010", MOVES + "cd ~/web && ./rollback.sh\n```\n", []),
        ("RB010", MOVES + "kubectl get pods\n```\n", []),
        ("RB010", MOVES.replace("cd ~/web", "cd ~/web\ngit pull\ncd -") + "./rollback.sh\n```\n", []),
        ("RB007", TOLD.format("Run `kubectl delete pod web`."), ["note"]),
        ("RB007", TOLD.format("Then use\n   `kubectl delete pod web` again."), ["note"]),
        ("RB007", TOLD.format("- `kubectl delete pod web`"), ["note"]),
        ("RB007", TOLD.format("Run `kubectl get pod web`.") + IN_A_BLOCK, ["warning"]),
        ("RB007", TOLD.format("Run `kubectl delete pod web`.") + IN_A_BLOCK, []),
        ("RB007", TOLD.format("Do not run `kubectl delete pod web`."), []),
        ("RB007", TOLD.format("The answer of `kubectl get pod web` is long."), []),
        ("RB007", TOLD.format("- `kubectl get pod web`: shows the pod"), []),
        ("RB007", TOLD.format("Use `kubectl` for that."), []),
        ("RB013", BESIDE, ["note"]),
        ("RB013", "```yaml\n# nothing\n```\n", []),
    ],
)
def test_what_hangs_on_the_whole_document(rule: str, document: str, severities: list[str]) -> None:
    found = check_document(document.encode(), "runbook.md", Selection(select=(rule,)))
    assert [each.severity for each in found] == severities
