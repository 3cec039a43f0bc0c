"""Mounted at `/v1/` and `/v2/`. The files themselves go to `media.intake`, beside Django."""

from django.urls import path

from media import api

AREAS = ("image", "media")

first = [
    route
    for area in AREAS
    for route in (
        path(f"{area}/uploadUrl", api.UploadUrlView.as_view()),
        path(f"{area}/downloadUrl", api.DownloadUrlView.as_view()),
    )
]
second = [
    route
    for area in AREAS
    for route in (
        path(f"{area}/uploadUrl", api.UploadFormView.as_view()),
        path(f"{area}/downloadUrl", api.DownloadUrlView.as_view()),
    )
]
