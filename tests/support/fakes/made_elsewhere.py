"""The tool of `tests.support.fakes.maker` without its provider, as after the settings changed."""

from tests.support.fakes.maker import Made, MakerProvider


class OtherProvider(MakerProvider):
    """Another service that does the same."""

    name = "other-maker"
    title = "Other maker"


TOOLS = [Made]
PROVIDERS = [OtherProvider()]
