"""What a chooser says of a model's price: exact where it's the usual one in any call."""

from __future__ import annotations

import math

from tests.unit.tools.test_model_tables import ROWS, examples_of, requests_at
from tools.providers.makers import prices


def test_a_price_that_does_not_vary_is_the_usual_one_in_every_call():
    checked = set()
    for service, one in ROWS:
        price = one.place.price
        if not prices.is_usual_alone(one.place):
            continue
        for tool, params, media in examples_of(one):
            if tool not in one.own_tools or price.per not in ("result", "second"):
                continue
            usual = prices.usual_dollars(price)
            for request in requests_at(one, tool, params, media):
                seconds = request.get("seconds") if price.per == "second" else 1
                if not isinstance(seconds, int | float):
                    continue
                least, most = one.place.seconds or (seconds, seconds)
                amount = math.ceil(min(max(seconds, least), most))
                count = request.get("count") or 1
                found, at_most = prices.dollars(one.place, request)
                assert (found, at_most) == (usual * amount * count, price.at_most)
                checked.add((service, one.row.name))
    assert {("fal", "flux-kontext-pro"), ("runway", "ideogram-4")} <= checked


def test_a_price_with_another_for_a_size_or_for_sound_varies():
    varying = {one.row.name for _, one in ROWS if not prices.is_usual_alone(one.place)}
    assert {"seedance2", "veo-3.1", "nano-banana-pro"} <= varying
