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
IN_A_DOCUMENT = "python3 - <<'EOF'\nprint(open('/tmp/web.json').read())\nEOF"
READ_BY_A_PROGRAM = f"kubectl get pods -n shop -o json > /tmp/web.json\n{IN_A_DOCUMENT}"
TIDIES_UP = "kubectl create job look -n shop --image=look:1\nkubectl delete job look -n shop"
TIDIES_A_FILE_UP = "kubectl apply -n shop -f look.yaml\nkubectl delete -n shop -f look.yaml"
WRITTEN_FIRST = "cat > web.yaml <<EOF\nkind: Pod\nEOF\nkubectl apply -f ./web.yaml"
CLONED_FIRST = "git clone https://example.com/shop.git\n./shop/rollback.sh"
SAVED_BY_CURL = "curl --fail -m 9 -O https://example.com/web.yaml\nkubectl apply -f web.yaml"
ON_A_NODE = "kubectl get nodes\nkubectl debug node/node-1 --image=tools\nchroot /host systemctl restart kubelet"
BY_SSH = "kubectl get nodes\nfor n in node-1 node-2; do ssh $n sudo systemctl restart kubelet; done"
ON_THE_CONTROL_PLANE = "sudo kubectl get nodes\nsystemctl status kubelet"
# Where a command decides by itself, or only looks, words need not.
TESTED = "# Restore the copy if available\nif [ -f copy.json ]; then kubectl replace -f copy.json; fi"
ONLY_LOOKS = "# Look at the nodes if necessary\nkubectl get nodes"
SAYS_WHEN = "# Scale if needed: more than 80 % of the memory is used\nkubectl scale deployment web --replicas=5"
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
        ("RB041", TIDIES_UP),
        ("RB041", TIDIES_A_FILE_UP),
        ("RB052", WRITTEN_FIRST),
        ("RB052", CLONED_FIRST),
        ("RB052", SAVED_BY_CURL),
        ("RB052", "kubectl exec -n shop web-0 -- ./rollback.sh"),
        ("RB052", "kubectl logs -n shop -f web-0"),
        ("RB052", 'kubectl apply -f "$MANIFEST"'),
        ("RB052", "kubectl apply -f https://example.com/web.yaml"),
        ("RB052", "kubectl get pods -n <namespace> -o yaml"),
        ("RB053", ON_A_NODE),
        ("RB053", BY_SSH),
        ("RB053", ON_THE_CONTROL_PLANE),
        ("RB053", "sudo systemctl restart nginx"),
        ("RB059", READ_BY_A_PROGRAM),
        ("RB064", TESTED),
        ("RB064", ONLY_LOOKS),
        ("RB064", SAYS_WHEN),
        ("RB065", "helm upgrade --install web ./web"),
        ("RB065", "kubectl rollout restart deployment/web -n shop"),
        ("RB065", "kubectl patch service web -n shop -p '{}' --dry-run=server"),
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
        ("RB041", "kubectl delete job other -n shop\nkubectl delete pod web-0 -n shop"),
        ("RB052", "bash scripts/rollback.sh"),
        ("RB052", "./scripts/look.sh\n./scripts/rollback.sh"),
        ("RB052", "kubectl apply -f /tmp/web.yaml"),
        ("RB052", "kubectl patch service web -n shop --patch-file before.json"),
        ("RB053", "kubectl get nodes\nsystemctl restart kubelet\njournalctl -u kubelet"),
        ("RB064", "# Empty it if possible\ncurl --fail -m 9 -X DELETE http://web/cache"),
        ("RB065", "helm upgrade web ./web"),
        ("RB043", 'kubectl patch pvc a --type=json -p \'[{"op":"remove","path":"/metadata/finalizers"}]\''),
    ],
)
def test_says_something(rule: str, commands: str) -> None:
    document = f"## Web is down\n\n1. **Mend it**\n\n```bash\n{commands}\n```\n"
    assert len(check_document(document.encode(), "runbook.md", Selection(select=(rule,)))) == 1


STEP = """1. **Start it anew**

   ```bash
   kubectl rollout restart deployment/web -n shop
   {}
   ```
"""


@pytest.mark.parametrize(
    ("rule", "prose"),
    [
        ("RB052", "Work from the root of the repository `shop`.\n\n" + STEP.format("./scripts/rollback.sh")),
        ("RB052", "The script `rollback.sh` is on every responder.\n\n" + STEP.format("./scripts/rollback.sh")),
        ("RB053", "Log in to the node first.\n\n" + STEP.format("systemctl restart kubelet")),
        ("RB060", "The alert fires when\nthe error rate exceeds 5 %.\n\n" + STEP.format("")),
        ("RB060", "- Python >= 3.9\n- RAM > 16 GB\n\n" + STEP.format("")),
        ("RB060", "- Memory usage > 90 %\n\n" + STEP.format("kubectl top pods -n shop")),
        ("RB060", "- P95 latency < 200 ms\n\n" + STEP.format("k6 run smoke.js")),
        ("RB062", "### Now (< 5 minutes)\n\n" + STEP.format("sleep 60") + "\n   Wait up to 10 minutes.\n"),
        ("RB062", "### Now (< 5 minutes)\n\n" + STEP.format("until date; do sleep 400; done")),
        ("RB062", "### Now (30+ min)\n\n" + STEP.format("sleep 3600")),
        ("RB063", STEP.format("") + "\n### Causes\n\n1. Memory is short\n2. The disk is full\n"),
        ("RB063", STEP.format("") + "\n### After\n\n1. Update the page https://status.example.com\n2. Check `web`\n"),
        ("RB063", STEP.format("") + "\n### After\n\n1. Review the logs in Grafana\n2. Check the alerts in Grafana\n"),
        ("RB063", "1. Schedule a review\n2. Update the policy\n"),
        (
            "RB064",
            "### Roll back if needed\n\n```bash\n# If users still get errors:\nkubectl delete pod web -n shop\n```\n",
        ),
        ("RB064", STEP.format("") + "\n### Rules\n\n1. The change is as small as possible\n"),
        ("RB066", "Last reviewed: 1 March 2026\n\n" + STEP.format("")),
        ("RB066", "| Date | Author |\n|---|---|\n| 2026-03-01 | ops |\n\n" + STEP.format("")),
        ("RB066", "Nothing to carry out here.\n"),
    ],
)
def test_prose_says_it(rule: str, prose: str) -> None:
    assert check_document(f"## Web is down\n\n{prose}".encode(), "runbook.md", Selection(select=(rule,))) == ()


@pytest.mark.parametrize(
    ("rule", "severity", "prose"),
    [
        ("RB060", "note", "- Error rate > 5 %\n\n" + STEP.format("curl --fail --show-error -m 5 http://web/")),
        ("RB062", "warning", "### Now (< 5 minutes)\n\n" + STEP.format("date") + "\n   Wait 10 minutes.\n"),
        ("RB062", "note", "### Now (< 5 minutes)\n\n" + STEP.format("kubectl wait pods --timeout=6m")),
        (
            "RB062",
            "note",
            "### Now (< 5 minutes)\n\n" + STEP.format("timeout 400 kubectl rollout status deployment/web"),
        ),
        ("RB063", "note", STEP.format("") + "\n### After\n\n1. Verify the backups\n2. Update the dashboards\n"),
        ("RB064", "note", STEP.format("") + "\n### After\n\n1. Train people as needed\n"),
        ("RB064", "warning", "1. **Restart it if safe**\n\n" + STEP.format("").partition("\n")[2]),
        ("RB066", "note", STEP.format("")),
    ],
)
def test_prose_leaves_it_open(rule: str, severity: str, prose: str) -> None:
    found = check_document(f"## Web is down\n\n{prose}".encode(), "runbook.md", Selection(select=(rule,)))
    assert [each.severity for each in found] == [severity]


def test_another_section_is_another_place() -> None:
    nodes = "## Nodes\n\nLog in to the node.\n\n" + STEP.format("systemctl restart kubelet")
    web = "## Web is down\n\n" + STEP.format("systemctl restart kubelet")
    found = check_document(f"{nodes}\n{web}".encode(), "runbook.md", Selection(select=("RB053",)))
    assert [each.procedure for each in found] == ["Web is down"]


def test_a_way_back_may_be_a_section_of_its_own() -> None:
    change = "## Web is down\n\n" + STEP.format("kubectl set image deployment/web web=web:2 -n shop")
    back = "## Rollback\n\n" + STEP.format("helm rollback web")
    assert check_document(f"{change}\n{back}".encode(), "runbook.md", Selection(select=("RB065",))) == ()


def test_front_matter_may_hold_the_date_of_the_review() -> None:
    document = "---\ntitle: Web\nlast_reviewed_on: 2026-03-01\n---\n\n## Web is down\n\n" + STEP.format("")
    assert check_document(document.encode(), "runbook.md", Selection(select=("RB066",))) == ()


@pytest.mark.parametrize(
    ("command", "severity"),
    [
        ("curl -m 5 http://web/metrics", "note"),
        ("curl -m 5 http://web/health", "warning"),
        ("curl -m 5 -X POST http://web/cache/clear", "warning"),
        ("curl -m 5 -o web.sh http://web/web.sh", "warning"),
    ],
)
def test_a_curl_that_only_shows_something_does_less_harm(command: str, severity: str) -> None:
    document = f"## Web is down\n\n{STEP.format(command)}"
    found = check_document(document.encode(), "runbook.md", Selection(select=("RB033",)))
    assert [each.severity for each in found] == [severity]


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
