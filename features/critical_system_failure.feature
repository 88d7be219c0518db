Feature: Critical system failure
  A release can take every gateway pod down at once. Then there are two ways back: return to the release before,
  or send users to the Node.js fallback. The runbook must work either way, within five minutes.

  Fidelity: the gateway is a stand-in that plays the C++ gateway's part; the release, the crash loop, the rollback
  and the diverted traffic are real.

  Background:
    Given 100 requests per second from users outside the cluster
    And for 10 seconds users see an error rate of at most 1 % and a P99 latency of at most 10 ms

  Scenario: A bad release takes every pod down; the rollback brings it back
    When a release is rolled out whose configuration makes every gateway pod exit
    And within 2 minutes every gateway pod is in CrashLoopBackOff
    And within 2 minutes users see an error rate above 10 % over 5 seconds
    And the responder follows "Critical System Failure" with judgement
    Then within 5 minutes users see an error rate of at most 1 % and a P99 latency of at most 10 ms over 20 seconds
    And they still do 20 seconds later, before the fault is reverted
    And everything that was there before the incident is as it was
    And the files that the procedure promises are there and not empty
    And one of them holds "cannot be parsed"
    And one of them holds "BackOff"
    And no secret is handed over

  Scenario: The rollback is not possible; traffic is diverted to the fallback
    When such a release is rolled out and there is no previous revision to return to
    And within 2 minutes every gateway pod is in CrashLoopBackOff
    And within 2 minutes users see an error rate above 10 % over 5 seconds
    And the responder follows "Critical System Failure" with judgement
    Then within 5 minutes users see an error rate of at most 1 % and a P99 latency of at most 10 ms over 20 seconds
    And they still do 20 seconds later, before the fault is reverted
    And the files that the procedure promises are there and not empty
    And one of them holds "cannot be parsed"
    And one of them holds "BackOff"
    And no secret is handed over
