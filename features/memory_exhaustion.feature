Feature: Memory exhaustion
  The gateway keeps every view that it fetched. Traffic whose queries never repeat fills its memory until the kernel
  kills the container, again and again. The runbook must stop that without taking away the capacity that users need.

  Fidelity: the traffic, the growth and the kernel's kill are real. The traffic goes on until the drill is over, and no
  procedure can stop the cache from growing: a larger limit and emptied caches only buy time. At this traffic's 8 MB per
  second and pod that is just under a minute, longer than users are watched here; in production a leak is slower. On the
  fallback, which keeps nothing, the relief lasts. While it goes on users share two processors with it, so their P99
  latency may be 50 ms and not 10.

  Background:
    Given 100 requests per second from users outside the cluster
    And for 5 seconds users see an error rate of at most 1 % and a P99 latency of at most 10 ms

  Scenario: A larger limit ends the restarts
    When cache-busting traffic fills the gateway's memory
    And within 1 minute a gateway pod reports "usage_percent" of its component "memory" above 95
    And within 1 minute every blue gateway pod was restarted at least 2 times by OOMKilled
    And within 1 minute users see an error rate above 10 % over 5 seconds
    And the responder follows "Memory Exhaustion Emergency" with judgement
    Then within 2 minutes users see an error rate of at most 1 % and a P99 latency of at most 50 ms over 10 seconds
    And they still do 10 seconds later, before the fault is reverted
    And at most 20 requests are lost because of the procedure
    And everything but the gateways' memory limits is as it was
    And the files that the procedure promises are there and not empty
    And one of them holds "OOMKilled"

  Scenario: There is no room for a larger limit; users are sent to the fallback
    When cache-busting traffic fills the gateway's memory and there is no room for a larger limit
    And within 1 minute every blue gateway pod was restarted at least 1 times by OOMKilled
    And within 1 minute users see an error rate above 10 % over 5 seconds
    And the responder follows "Memory Exhaustion Emergency" with judgement
    Then within 2 minutes users see an error rate of at most 1 % and a P99 latency of at most 50 ms over 10 seconds
    And they still do 10 seconds later, before the fault is reverted
    And everything but service/ultra-cpp-gateway is as it was
    And the files that the procedure promises are there and not empty
    And one of them holds "OOMKilled"
