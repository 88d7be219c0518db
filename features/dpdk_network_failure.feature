Feature: DPDK network failure
  The gateway's data path runs over a DPDK port. When its link goes down, neither a restart nor a new pod brings it back:
  the way out is the kernel's network, by a change of one key of the configuration. Users come in through blue, so green
  is repaired first and users move to it while blue is repaired.

  Fidelity: the port is a real DPDK port (testpmd with the tap driver, without hugepages or hardware) and its state is
  what DPDK's telemetry says, but users' packets do not pass through it: the gateway refuses them while it is down.
  httpbin.org is played by the switchboard.

  Background:
    Given 100 requests per second from users outside the cluster
    And for 5 seconds users see an error rate of at most 1 % and a P99 latency of at most 10 ms

  Scenario: The DPDK link of both colours goes down; the kernel's network takes over
    When the DPDK link of both goes down and stays down, also in new pods
    And within 30 seconds a gateway pod reports its "dpdk" as unhealthy
    And within 30 seconds users see an error rate above 10 % over 2 seconds
    And the responder follows "DPDK Network Failure" with judgement
    Then within 45 seconds users see an error rate of at most 1 % and a P99 latency of at most 10 ms over 10 seconds
    And they still do 10 seconds later, before the fault is reverted
    And within 1 minute every gateway pod reports its "dpdk" as disabled for 5 seconds
    And everything but configmap/ultra-cpp-config is as it was
    And the files that the procedure promises are there and not empty
    And one of them holds "unhealthy"
    And one of them holds "is connected"

  Scenario: Only green's DPDK link goes down; users, who are with blue, lose nothing by the repair
    When the DPDK link of green goes down and stays down, also in new pods
    And within 30 seconds a gateway pod reports its "dpdk" as unhealthy
    And the responder follows "DPDK Network Failure" with judgement
    Then within 45 seconds users see an error rate of at most 1 % and a P99 latency of at most 10 ms over 10 seconds
    And they still do 10 seconds later, before the fault is reverted
    And within 1 minute every gateway pod reports its "dpdk" as disabled for 5 seconds
    And at most 20 requests are lost because of the procedure
    And everything but configmap/ultra-cpp-config is as it was
    And the files that the procedure promises are there and not empty
    And one of them holds "is connected"

  Scenario: The DPDK link goes down and the configuration cannot be changed; a new one takes its place
    When the DPDK link of both goes down, and the configuration refuses every change
    And within 30 seconds a gateway pod reports its "dpdk" as unhealthy
    And within 30 seconds users see an error rate above 10 % over 2 seconds
    And the responder follows "DPDK Network Failure" with judgement
    Then within 45 seconds users see an error rate of at most 1 % and a P99 latency of at most 10 ms over 10 seconds
    And they still do 10 seconds later, before the fault is reverted
    And within 1 minute every gateway pod reports its "dpdk" as disabled for 5 seconds
    And all is as it was but the configuration, and which one the gateways use
    And the files that the procedure promises are there and not empty
    And one of them holds "is connected"

  Scenario: DPDK gets no hugepages; the kernel's network takes over
    When a release takes DPDK's memory from hugepages, of which there are none
    And within 30 seconds a gateway pod reports its "dpdk" as unhealthy
    And within 30 seconds users see an error rate above 10 % over 2 seconds
    And the responder follows "DPDK Network Failure" with judgement
    Then within 45 seconds users see an error rate of at most 1 % and a P99 latency of at most 10 ms over 10 seconds
    And they still do 10 seconds later, before the fault is reverted
    And within 1 minute every gateway pod reports its "dpdk" as disabled for 5 seconds
    And all is as it was but the configuration, and which one the gateways use
    And the files that the procedure promises are there and not empty
    And one of them holds "hugepages reported"
    And one of them holds "is connected"
