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
        ("RB035", "kubectl get nodes | grep -w Ready"),
        ("RB035", "kubectl get pods | grep Ready"),
        ("RB003", "jq -n '{name: \"API_TOKEN\"}'"),
        ("RB003", """curl -d '{"name": "API_TOKEN", "key": "API_TOKEN"}' http://web"""),
        ("RB003", 'echo "Usage: back-up <data-base>" >&2'),
        ("RB003", "cal --format YYYY-MM-DD"),
        ("RB003", "# <%= comment %>\nkubectl get pods"),
        ("RB004", "cat > pause.txt <<EOF\nWait, ... and see\nEOF"),
        ("RB020", "ping -c 3 web"),
        ("RB020", "ping -qc3 web"),
        ("RB020", "docker logs web"),
        ("RB020", "ceph status"),
        ("RB023", "terraform apply rebuild.plan"),
        ("RB023", "terraform apply -auto-approve"),
        ("RB023", "terraform destroy --auto-approve"),
        ("RB023", "psql -h db -Atc 'select 1'"),
        ("RB023", "psql -h db < fix.sql"),
        ("RB023", "mysql -u root -psecret -e 'select 1'"),
        ("RB023", "kubectl exec db-0 -- psql"),
        ("RB023", "gcloud auth login --cred-file=key.json"),
        ("RB023", "az login --identity"),
        ("RB027", "a=$(mc du store)\nsleep 60\nb=$(mc du store)"),
        ("RB033", "curl -s http://web/list | sort"),
        ("RB047", "kubectl scale deploy web -n x --replicas=0\nkubectl delete deploy web -n x"),
        ("RB054", "curl -fsS -m 9 https://get.example.com/v1.4.2/install.sh | bash"),
        ("RB054", "curl -fsS -m 9 https://get.example.com/list | sort"),
        ("RB058", "kubectl get secret a -o jsonpath='{.data.b}' | base64 -d | sha256sum"),
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
        ("RB001", "kubectl get pods -n <%= namespace %>", 0),
        ("RB002", "kubectl delete pod <ポッド名> -n shop", 1),
        ("RB003", "kubectl get pods -n <%= namespace %>", 1),
        ("RB003", "helm rollback web [REVISION]", 1),
        ("RB003", "mysql -e 'KILL <番号>'", 1),
        ("RB003", "curl -X DELETE http://web/logs-YYYY.MM.DD", 1),
        ("RB003", "sgdisk --zap-all /dev/sdX", 1),
        ("RB003", """curl -d '{"routing_key": "ROUTING_KEY"}' http://web""", 1),
        ("RB004", "cat > list.json <<EOF\n[0, 1, ...]\nEOF", 1),
        ("RB020", "ping web", 1),
        ("RB020", "docker logs -f web", 1),
        ("RB020", "kubectl exec deploy/tools -- ceph -w", 1),
        ("RB023", "terraform destroy", 1),
        ("RB023", "psql -h db -U postgres shop", 1),
        ("RB023", "aws sso login --profile prod", 1),
        ("RB033", "curl -s http://web/install.sh | sudo bash", 1),
        ("RB035", "kubectl get node web-1 | grep Ready", 1),
        ("RB035", "kubectl get nodes | grep -v Ready", 1),
        ("RB054", "curl -fsS -m 9 https://get.example.com/install.sh | sudo bash", 1),
        ("RB058", "kubectl get secret a -o jsonpath='{.data.b}' | base64 -d", 1),
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


@pytest.mark.parametrize(
    ("rule", "document", "times"),
    [
        ("RB006", "Then\n\n    kubectl get pods -n shop\n", 1),
        ("RB006", "```\ntail -f /var/log/web.log\n```\n", 1),
        ("RB006", "```\nkill the other one\n```\n", 0),
        ("RB006", "Then\n\n    NAME  READY\n    web   1/1\n", 0),
        ("RB061", "Check every 15 minutes for the next hour that it is well.\n", 1),
        ("RB061", "Update the page every 30 minutes until it is over.\n", 1),
        ("RB061", "The job runs every 15 minutes until noon.\n", 0),
    ],
)
def test_prose_and_blocks_without_a_language(rule: str, document: str, times: int) -> None:
    findings = check_document(f"## Procedure\n\n{document}".encode(), "runbook.md", Selection(select=(rule,)))
    assert len(findings) == times
