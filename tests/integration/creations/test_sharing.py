"""A shared image as cards show it; what else sharing does is in `test_creation_pages`."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from tests.support.builders.blobs import make_blob
from tests.support.builders.creations import finished_run, shared
from tests.support.clients.asgi_requests import request_app

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_image_larger_than_a_card_has_a_still(alice: User) -> None:
    for width, has_still in ((640, False), (1600, True)):
        image = io.BytesIO()
        Image.new("RGB", (width, width // 2), "teal").save(image, "PNG")
        blob = make_blob(image.getvalue(), mime="image/png", width=width)
        share = shared(finished_run(alice, blob), visibility="public")
        listed = Client().get("/creations").content.decode()
        [url] = set(re.findall(rf'src="(/media/s/{share.public_id}/[^"]+)"', listed))
        assert url.endswith("/poster.webp") == has_still
        assert Image.open(io.BytesIO(request_app("GET", url).body)).width == 640
