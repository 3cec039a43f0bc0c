"""The samples as `make previews` runs them."""

import pytest

from tests.support.program import ROOT

with pytest.MonkeyPatch.context() as patch:
    # Scripts import each other by bare names, as they do when one is started.
    patch.syspath_prepend(ROOT / "scripts")
    from sample_previews.filming import answer_questions, is_current, start_body

__all__ = ["answer_questions", "is_current", "start_body"]
