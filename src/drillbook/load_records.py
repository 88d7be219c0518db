"""The users' view as columns: one entry per request, and the figures of a window of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HEADER = "due_us,start_us,end_us,status,corrupt"


@dataclass(frozen=True, eq=False)
class LoadRecords:
    """Parallel columns, sorted by due time; times in seconds on the run's clock.

    ``status`` is the HTTP status, 0 where no answer came. ``corrupt`` tells a 2xx answer whose checksum was wrong.
    """

    due_s: NDArray[np.float64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    status: NDArray[np.int16]
    corrupt: NDArray[np.bool_]
