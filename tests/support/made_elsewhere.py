"""The tool of `tests.support.maker` without its provider, as after a change of the settings."""

from tests.support.maker import Made, MakerProvider


class OtherProvider(MakerProvider):
    """Another service that does the same."""

    name = "other-maker"
    title = "Other maker"


TOOLS = [Made]
PROVIDERS = [OtherProvider()]
