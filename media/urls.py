"""`/v1/…` and `/v2/…`. Files themselves go to `media.upload_endpoint`, beside Django."""

from django.urls import path

from media import api

VERSIONS = {"v1": api.UploadUrlView, "v2": api.UploadFormView}

urlpatterns = [
    route
    for version, upload_view in VERSIONS.items()
    for area in ("image", "media")
    for route in (
        path(f"{version}/{area}/uploadUrl", upload_view.as_view()),
        path(f"{version}/{area}/downloadUrl", api.DownloadUrlView.as_view()),
    )
]
