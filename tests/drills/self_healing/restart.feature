Feature: A restart that nobody asked for
  Every pod that users are with is replaced at once, and Kubernetes brings them back whatever anybody does. The runbook
  only looks. A harness that credits it with the recovery proves nothing.

  Scenario: Kubernetes heals what the responder only looks at
    Given 100 requests per second from users outside the cluster
    And for 5 seconds users see an error rate of at most 1 %
    When the pods that users are with are all replaced at once
    And within 30 seconds users see an error rate above 10 % over 1 second
    And the responder follows "A restart that nobody asked for" literally
    Then within 1 minute users see an error rate of at most 1 % over 5 seconds
    And they still do 5 seconds later, before the fault is reverted
