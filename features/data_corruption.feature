Feature: Data corruption
  Bytes of the gateway's cache are damaged on disk, and users get wrong answers with status 200. The runbook must take
  users away from the damage, restore the last good snapshot and bring users back, and lose no data that it need not.

  Fidelity: the damage is real bytes flipped in the cache file under the running gateway, and users compare each answer
  with the checksum of the source of truth. Every item is in the cache and in its snapshot when the damage is done; a
  cache that went on growing would write its next snapshot without the damaged entries.

  Background:
    Given 100 requests per second from users outside the cluster
    And for 5 seconds users see an error rate of at most 1 % and a P99 latency of at most 10 ms

  Scenario Outline: The last good snapshot brings the data back
    When <share> % of the entries in the users' caches are damaged on disk
    And within 1 minute users see a corrupt rate above <seen> % over 5 seconds
    And the responder follows "Data Corruption Emergency" with judgement
    Then within 2 minutes users see a corrupt rate of at most 0 %, an error rate of at most 1 % and a P99 latency of at most 10 ms over 10 seconds
    And they still do 10 seconds later, before the fault is reverted
    And at least 99 % of the cached items are still there
    And everything that was there before the incident is as it was
    And the files that the procedure promises are there and not empty
    And one of them holds "entries damaged, corrupt"

    Examples:
      | share | seen |
      | 50    | 40   |
      | 100   | 90   |

  Scenario: The backup is lost too; the damaged caches are emptied
    When 100 % of the entries in the users' caches are damaged on disk and their backup is lost
    And within 1 minute users see a corrupt rate above 90 % over 5 seconds
    And the responder follows "Data Corruption Emergency" with judgement
    Then within 2 minutes users see a corrupt rate of at most 0 %, an error rate of at most 1 % and a P99 latency of at most 10 ms over 10 seconds
    And they still do 10 seconds later, before the fault is reverted
    And everything that was there before the incident is as it was
    And the files that the procedure promises are there and not empty
    And one of them holds "entries damaged, corrupt"
