"""Sound as arrays, and the one rate at which all of it is worked on."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 48_000

Sound: TypeAlias = npt.NDArray[np.float32]  # (2, n), nominally within ±1
Mono: TypeAlias = npt.NDArray[np.float32]  # (n,)


def silence(samples: int) -> Sound:
    return np.zeros((2, samples), np.float32)
