"""The files under /static, as WhiteNoise serves them."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

from core.compression import LEAST, is_text, takes_gzip


class StaticFiles(WhiteNoiseMiddleware):
    """Static files but for those whose name, or folder's name, begins with a dot: notes of the
    build and of editors. The build's manifest names every source file.

    WhiteNoise sends the packed files that the build leaves beside its own. Other text is packed
    here, when it is first asked for.
    """

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        if "/." not in url:
            super().add_file_to_dictionary(url, path, stat_cache=stat_cache)

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        answer: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        if len(static_file.alternatives) > 1:
            return answer
        _, path, headers = static_file.alternatives[0]
        if not is_text(HttpResponse(headers=dict(headers))):
            return answer
        patch_vary_headers(answer, ("Accept-Encoding",))
        size = int(dict(headers)["Content-Length"])
        if answer.status_code != 200 or size < LEAST or not takes_gzip(request):
            return answer
        answer.close()
        response = HttpResponse(_gzip(path, static_file.etag), headers=dict(answer.headers))
        response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(response.content))
        return response


@lru_cache(maxsize=256)
def _gzip(path: str, etag: str) -> bytes:
    """A file in gzip. etag: tells it from what was there before."""
    return gzip.compress(Path(path).read_bytes(), mtime=0)
