"""Mounted at `/v1/` and `/v2/`. Files themselves go to `media.upload_endpoint`, beside Django."""

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
