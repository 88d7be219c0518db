"""How sure a figure is: confidence intervals of rates and percentiles.

Rates: Wilson's score interval (E. B. Wilson, JASA 22, 1927), which does not shrink to nothing at 0 or 100 %.
Percentiles: two order statistics, with ranks from the binomial distribution (Hahn and Meeker, Statistical Intervals,
1991, section 5.2). That holds for any distribution of latencies, and the true percentile is inside at least as often
as stated. Both take requests for independent; in an outage they are not, and the true interval is wider.
"""

import math
from functools import lru_cache

import numpy as np

from drillbook.samples import TAIL, Z

_SPREAD = 12  # standard deviations; what lies farther out is below 1e-30


def wilson(count: int, samples: int) -> tuple[float, float]:
    """The interval of a rate of which ``count`` of ``samples`` were seen; all of [0, 1] where nothing was."""
    if samples == 0:
        return 0.0, 1.0
    share, z2 = count / samples, Z * Z
    middle = (share + z2 / (2 * samples)) / (1 + z2 / samples)
    reach = Z / (1 + z2 / samples) * math.sqrt(share * (1 - share) / samples + z2 / (4 * samples**2))
    return (0.0 if count == 0 else middle - reach), (1.0 if count == samples else middle + reach)


@lru_cache(maxsize=1024)
def percentile_ranks(samples: int, permille: int) -> tuple[int | None, int | None]:
    """The ranks (1 is the smallest) whose values enclose the percentile; None where so few samples set no bound."""
    if samples == 0:
        return None, None
    share = permille / 1000
    reach = math.ceil(_SPREAD * math.sqrt(samples * share * (1 - share))) + _SPREAD
    first, last = max(0, int(samples * share) - reach), min(samples, int(samples * share) + reach)
    below = np.arange(first, last)  # the probability of k + 1 is that of k times a ratio
    ratios = np.log(samples - below) - np.log(below + 1) + math.log(share / (1 - share))
    logs = np.concatenate(([0.0], np.cumsum(ratios)))
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    # The value of rank r lies above the percentile when fewer than r samples are below it.
    at_most = np.cumsum(weights)
    at_least = np.cumsum(weights[::-1])[::-1]
    lower = first + int(np.searchsorted(at_most, TAIL, side="right"))
    upper = first + int(np.searchsorted(-at_least, -TAIL, side="left"))
    return (lower if lower >= 1 else None), (upper if upper <= samples else None)
