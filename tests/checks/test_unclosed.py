from drillbook.checks.engine import check_document


def test_what_stands_behind_a_fence_that_is_never_closed_is_checked_too() -> None:
    document = """\
# Web is down

1. **Look**

   ```bash
   kubectl get pods -n prod --watch

2. **Go on**

```bash
kubectl delete pod web-0 -n prod --force --grace-period=0
"""
    found = check_document(document.encode(), "web.md")
    assert (found[0].rule, found[0].line) == ("RB000", 5)
    assert {each.rule for each in found} >= {"RB000", "RB020", "RB042"}
