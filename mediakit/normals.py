"""Normals of a mesh."""

from __future__ import annotations

import numpy as np


def corner_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Unit normals of the vertices, (n, 3), each triangle counting by its area.

    The model library does this with a sparse matrix of SciPy's, or, without it, a hundred times
    slower.
    """
    first, second, third = (vertices[faces[:, corner]] for corner in range(3))
    facing = np.cross(second - first, third - first)
    total = np.zeros((len(vertices), 3))
    for axis in range(3):
        for corner in range(3):
            total[:, axis] += np.bincount(
                faces[:, corner], weights=facing[:, axis], minlength=len(vertices)
            )
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12))
