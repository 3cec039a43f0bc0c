"""Uploads as they look on the wire. The spelling is the public contract's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from media.models import Upload
from media.presigned_uploads import SLOTS


def _slot(text: str) -> str:
    if text not in SLOTS:
        raise ValueError(f"must be one of {', '.join(SLOTS)}")
    return text


Slot = Annotated[
    str, AfterValidator(_slot), WithJsonSchema({"type": "string", "enum": list(SLOTS)})
]


class UploadQuery(BaseModel):
    """The name of a file: the same three words name the same one."""

    model_config = ConfigDict(extra="ignore")

    id: Annotated[
        str,
        Field(
            validation_alias=AliasChoices("id", "imageId"),
            min_length=1,
            max_length=200,
            description="The file's name in its job, as the caller chooses; also `imageId`.",
        ),
    ]
    jobId: Annotated[
        str,
        Field(min_length=1, max_length=200, description="Groups files, as the caller chooses."),
    ]
    type: Annotated[Slot, Field(description="What the file is for; decides what kind it may be.")]
    contentType: Annotated[
        str | None,
        Field(max_length=100, description="A hint. What the file is, its bytes decide."),
    ] = None


class UploadUrl(BaseModel):
    """PUT the raw bytes there within the hour; no other credential is needed."""

    uploadUrl: str


class UploadForm(BaseModel):
    """POST a multipart form there within the hour: `fields` first, the file last."""

    url: str
    fields: dict[str, str]


class DownloadUrl(BaseModel):
    """Reads the file for a day, and is what `media_references` of a start takes."""

    downloadUrl: str


class Uploaded(BaseModel):
    """A file that was kept. width and height in pixels, duration in seconds, as it is shown.

    change: what was done to it, such as a photo made smaller; "" for nothing.
    """

    id: str
    kind: Literal["image", "video", "audio", "table"]
    contentType: str
    size: int
    width: int | None
    height: int | None
    duration: float | None
    downloadUrl: str
    change: str

    @classmethod
    def of(cls, upload: Upload, url: str) -> Uploaded:
        blob = upload.blob
        assert blob is not None  # noqa: S101  keep_upload stores it with the row
        return cls(
            id=upload.public_id,
            kind=blob.kind,
            contentType=blob.mime,
            size=blob.size,
            width=blob.width,
            height=blob.height,
            duration=blob.duration_s,
            downloadUrl=url,
            change=upload.change,
        )
