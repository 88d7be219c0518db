"""Commands that look like a fault and are none, and close ones that are."""

import pytest

from drillbook.checks import Selection, check_document


def found(rule: str, command: str) -> int:
    document = f"## Procedure\n\n1. **Step**\n\n```bash\n{command}\n```\n"
    return len(check_document(document.encode(), "runbook.md", Selection(select=(rule,))))


@pytest.mark.parametrize(
    ("rule", "command"),
    [
        ("RB002", "sort <names >sorted"),
        ("RB002", "diff <(sort a) <(sort b)"),
        ("RB003", 'echo "TOKEN is not set"'),
        ("RB003", "kubectl get secret web -n x -o jsonpath='{.data.API_TOKEN}'"),
        ("RB003", 'curl -H "Authorization: Bearer $TOKEN" http://web'),
        ("RB003", ': "${API_TOKEN:?is not set}"'),
        ("RB003", "docker ps --format '{{.Names}}'"),
        ("RB003", "kubectl exec web -- printenv DB_PASSWORD"),
        ("RB003", "sed -i 's/TOKEN/x/' web.conf"),
        ("RB003", 'psql -c "select USER_ID from users"'),
        ("RB003", "cat /run/secrets/DB_PASSWORD"),
        ("RB003", 'logger "[ERROR] it is down"'),
        ("RB004", 'kubectl annotate pod web-1 note="wait ... then look"'),
        ("RB004", "git diff main...HEAD"),
        ("RB005", "echo 'it costs $ 5'"),
        ("RB001", "$ kubectl get pods <namespace>"),
        ("RB001", "kubectl get pods -n <namespace>"),
        ("RB002", "$ kubectl get nodes\nnode-1 <none> x\nnode-2 <none>"),
        ("RB003", "curl http://<PORTAL_IP>/healthz"),
        ("RB003", "railway variables get API_TOKEN"),
        ("RB003", "kubectl get pods -A\nNAMESPACE   NAME   READY"),
        ("RB004", "$ cat web.log\nstarted ... done"),
        ("RB005", "kubectl get pods\necho 'NAME   READY   STATUS'"),
        ("RB022", "kubectl exec -i web -- ls -t"),
        ("RB023", "kubectl exec web -- bash"),
        ("RB023", "ssh node-1 uptime"),
        ("RB024", "kubectl rollout status deployment/web --watch=false"),
        ("RB024", "timeout 9 kubectl exec web -- tcpdump -i any -c 9"),
        ("RB025", "while read -r line; do echo $line; done < names"),
        ("RB025", "while :; do date; sleep 1; done &"),
        ("RB026", "curl $CURL_OPTS http://web"),
        ("RB026", "timeout 9 kubectl exec web -- curl http://localhost"),
        ("RB032", 'grep -q ready web.log || echo "not yet"'),
        ("RB032", 'kubectl get service web || { echo "none"; exit 1; }'),
        ("RB032", "read -r -d '' query <<EOF || true\nselect 1\nEOF"),
        ("RB033", "curl -s http://web | jq -e .ok"),
        ("RB035", "kubectl get services -o yaml | grep selector | wc -l"),
        ("RB045", "kubectl get pods -o name | head -1 | xargs basename"),
        ("RB050", "kubectl exec <pod> -n <namespace> -- jmap -dump:live 1"),
        ("RB050", "oc get pods --show-all"),
        ("RB050", "kubectl exec web -- mysqldump --export -a"),
        ("RB050", "kubectl get pods -A"),
        ("RB050", "kubectl config view --export"),
        ("RB050", "kubectl delete pod web --grace-period=0"),
    ],
)
def test_nothing_is_found(rule: str, command: str) -> None:
    assert found(rule, command) == 0


@pytest.mark.parametrize(
    ("rule", "command", "times"),
    [
        ("RB002", "kubectl get pods <namespace>", 1),
        ("RB003", "kubectl delete pod POD_NAME -n NAMESPACE", 2),
        ("RB003", "export key=web-TIMESTAMP", 1),
        ("RB003", "helm upgrade web ./chart --set tag={{version}}", 1),
        ("RB003", "cat > x.yaml <<EOF\npassword: YOUR_PASSWORD\nEOF", 1),
        ("RB004", "kubectl get ... -n shop", 1),
        ("RB004", "A=... \\\n  B=... \\\n  ./start", 1),
        ("RB001", "kubectl get pods 'shop", 1),
        ("RB002", "$ kubectl get pods -n <namespace>", 1),
        ("RB005", "root@node-1:~# kubectl get pods", 1),
        ("RB005", "kubectl get pods\nNAME   READY   STATUS\nweb-1   1/1   Running", 1),
        ("RB023", "kubectl exec -it web -- bash", 1),
        ("RB024", "kubectl rollout status deployment/web --timeout=0s", 1),
        ("RB025", "for ((;;)); do date; done", 1),
        ("RB025", "until curl -f -m 2 http://web; do sleep 1; done", 1),
        ("RB032", "kubectl get pods || exit 0", 1),
        ("RB045", "kubectl get pods -o name | xargs -n1 kubectl delete", 1),
        ("RB050", "kubectl get pods -a", 1),
        ("RB050", "kubectl version --client --short", 1),
        ("RB050", "kubectl run web --image=web --generator=run-pod/v1 --requests=cpu=1", 2),
        ("RB050", "kubectl rollout restart deployment/web --record", 1),
        ("RB050", "kubectl apply -f - --prune-whitelist=core/v1/ConfigMap", 1),
        ("RB050", "k log web-1", 1),
    ],
)
def test_the_close_one_is_found(rule: str, command: str, times: int) -> None:
    assert found(rule, command) == times
