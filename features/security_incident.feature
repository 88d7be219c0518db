Feature: Security incident
  Somebody attacks the gateway's API from outside, with guessed tokens, with one that was stolen, and with a search for
  paths. The runbook must cut the outside off and not the inside, tell the security team, take the stolen token's power
  away, keep the evidence, and open the service again as it was, within two minutes.

  Fidelity: the attack, the cut, the audit log and the capture are real, and all come from the one machine that the
  users' traffic comes from, so that nobody can be told apart by address. The tokens open nothing but this system, and
  the security team is played by the switchboard. When to open again is the security team's decision: here it follows at
  once upon the revocation.

  Background:
    Given 100 requests per second from users outside the cluster
    And for 5 seconds users see an error rate of at most 1 % and a P99 latency of at most 10 ms

  Scenario: An attack with a stolen token is shut out, and the service is opened again
    When somebody attacks from outside with guessed and stolen tokens
    And within 1 minute a gateway pod reports its "security" as degraded
    And the responder follows "Security Incident Response" with judgement
    Then within 1 minute the attack gets no answer for 5 seconds
    And within 1 minute the attack gets no answer over its open connections for 2 seconds
    And meanwhile users inside the cluster see an error rate of at most 1 %
    And within 2 minutes users see an error rate of at most 1 % and a P99 latency of at most 10 ms over 10 seconds
    And they still do 10 seconds later, before the fault is reverted
    And within 1 minute "#security-incidents" was told over slack
    And everything but configmap/ultra-cpp-revoked-tokens is as it was
    And the files that the procedure promises are there and not empty
    And one of them holds "unknown path"
    And one of them holds "revoked token"
    And a capture of at most 3000 packets is among them and can be read
    And each of them has the right checksum
    And no secret is handed over

  Scenario: Slack refuses; the security team is paged
    When somebody attacks while Slack refuses the security team's channel
    And within 1 minute a gateway pod reports its "security" as degraded
    And the responder follows "Security Incident Response" with judgement
    Then within 1 minute the attack gets no answer for 5 seconds
    And within 1 minute the attack gets no answer over its open connections for 2 seconds
    And meanwhile users inside the cluster see an error rate of at most 1 %
    And within 2 minutes users see an error rate of at most 1 % and a P99 latency of at most 10 ms over 10 seconds
    And they still do 10 seconds later, before the fault is reverted
    And within 1 minute "ULTRA_CPP_SERVICE" was told over pagerduty
    And everything but configmap/ultra-cpp-revoked-tokens and deployment/switchboard is as it was
    And the files that the procedure promises are there and not empty
    And one of them holds "revoked token"
    And no secret is handed over
