"""The body of `POST /v1/chat/completions`, in OpenAI's spelling. Unknown fields are ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BaseModel, Field, PrivateAttr, StrictBool, field_validator, model_validator

MOST_MESSAGES = 1000
MOST_TOOLS = 128
# Of one message that the rules read; a history may be as long as the body.
LONGEST_READ = 20_000
NAME = r"^[A-Za-z0-9_.:-]{1,64}$"
# What a start of a run takes beside its steps: handed on as it was sent.
RUN_FIELDS = (
    "token_type",
    "tokenType",
    "billing_mode",
    "billingMode",
    "app_source",
    "appSource",
    "max_estimated_capacity_units",
    "maxEstimatedCapacityUnits",
    "confirm_cost",
    "confirmCost",
    "safe_content_filter",
    "safeContentFilter",
)
# Sampling that a caller may ask of a model.
NUMBERS = ("temperature", "top_p", "presence_penalty", "frequency_penalty", "seed")
REFERENCE_FIELDS = (
    "media_references",
    "mediaReferences",
    "api_media_references",
    "apiMediaReferences",
)


def is_inline(url: str) -> bool:
    """Return whether bytes are written in it, instead of where they are."""
    return url.lstrip()[:5].lower() == "data:"


ToolSet: TypeAlias = Literal["creative-tools", "rich", "hosted", "creative-agent", "none"]
Mode: TypeAlias = Literal["auto", "none", "required", "function"]


class BodyPart(BaseModel, use_attribute_docstrings=True):
    """An object in a body of the chat routes. Unknown fields are ignored."""


class ImageIn(BodyPart):
    """An image of a message, by its URL."""

    url: str
    """An https URL, or an image as `data:image/…;base64,…`."""
    detail: str | None = None
    """Accepted and not used."""


class PartIn(BodyPart):
    """A part of a message."""

    type: Literal["text", "image_url", "refusal"]
    """`text` or `image_url`; in an assistant's message also `refusal`."""
    text: str | None = None
    """Of the type `text`."""
    image_url: ImageIn | None = None
    """Of the type `image_url`."""

    @field_validator("image_url", mode="before")
    @classmethod
    def _by_its_address(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_what_its_type_says(self) -> PartIn:
        if self.type == "image_url" and self.image_url is None:
            raise ValueError("of the type `image_url` needs `image_url`")
        if self.type == "text" and self.text is None:
            raise ValueError("of the type `text` needs `text`")
        return self


class CalledIn(BodyPart):
    """The name and the arguments of a call in an earlier answer."""

    name: Annotated[str, Field(max_length=256)]
    """The function's name."""
    arguments: str = "{}"
    """JSON text."""


class CallIn(BodyPart):
    """A call in an earlier answer."""

    id: Annotated[str, Field(max_length=256)] = ""
    """Named by the result's `tool_call_id`."""
    type: Literal["function"] = "function"
    """Always `function`."""
    function: CalledIn
    """What was called."""


class MessageIn(BodyPart):
    """One message. `developer` means the same as `system`."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    """Who says it. `tool`: the result of a call."""
    content: list[PartIn] = []
    """Text, or a list of parts of the types `text` and `image_url`."""
    name: Annotated[str | None, Field(max_length=256)] = None
    """Of the tool whose result it is, or of a person."""
    tool_calls: list[CallIn] | None = None
    """The calls of an earlier answer."""
    tool_call_id: Annotated[str | None, Field(max_length=256)] = None
    """The call whose result this is."""

    @field_validator("content", mode="before")
    @classmethod
    def _parts(cls, value: Any) -> Any:
        if value is None:
            return []
        if isinstance(value, str):
            return [{"type": "text", "text": value}]
        if not isinstance(value, list):
            raise ValueError("must be text or a list of parts")
        return value

    @property
    def text(self) -> str:
        """Its text parts, one on a line."""
        return "\n".join(part.text for part in self.content if part.text)

    def images(self) -> Iterator[str]:
        """URLs of its images."""
        for part in self.content:
            if part.image_url is not None:
                yield part.image_url.url


class FunctionIn(BodyPart):
    """A function that the caller runs."""

    name: Annotated[str, Field(pattern=NAME)]
    """Letters, digits and `_.:-`."""
    description: str | None = None
    """What it does."""
    parameters: dict[str, Any] | None = None
    """JSON schema of its arguments."""
    strict: bool | None = None
    """Accepted and not used."""


class ToolIn(BodyPart):
    """A tool of the caller's own."""

    type: Literal["function"] = "function"
    """Always `function`."""
    function: FunctionIn
    """The function."""


class ChoiceIn(BodyPart):
    """The choice of whether a tool is called. name: the one that is."""

    mode: Mode
    """`function`: the one of this name."""
    name: Annotated[str, Field(max_length=256)] = ""
    """Of the function."""


class FormatIn(BodyPart):
    """The form of the answer's text."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    """`json_schema` needs a language model."""
    json_schema: dict[str, Any] | None = None
    """Of the type `json_schema`: `{name, schema}`."""


class StreamOptionsIn(BodyPart):
    """The parts of a stream beside the answer."""

    include_usage: bool = False
    """End the stream with a chunk that holds `usage`."""


Messages: TypeAlias = Annotated[list[MessageIn], Field(min_length=1, max_length=MOST_MESSAGES)]
Tools: TypeAlias = Annotated[list[ToolIn], Field(max_length=MOST_TOOLS)]


class ChatIn(BodyPart):
    """A chat request. `temperature` and its like are handed to a language model."""

    _person: int | None = PrivateAttr(None)
    model: Annotated[str | None, Field(max_length=256)] = None
    """An id of `GET /v1/models`; without one, the model of this server, or else its rules."""
    messages: Messages
    """The conversation, the oldest message first."""
    tools: Tools = []
    """Functions of the caller's own. Their calls come back, they are not run here."""
    tool_choice: ChoiceIn = ChoiceIn(mode="auto")
    """`auto`, `none`, `required`, or `{"type":"function","function":{"name":"…"}}`."""
    sogni_tools: bool | ToolSet = True
    """Which tools of this server are offered. `creative-agent` adds planning and asset tools;
    false or `none` leaves only the caller's own."""
    sogni_tool_execution: StrictBool | None = None
    """Whether tools of this server are run. true with an API key; else calls come back."""
    stream: StrictBool = False
    """Answer as server-sent events."""
    stream_options: StreamOptionsIn = StreamOptionsIn()
    """`include_usage`: end the stream with its usage."""
    response_format: FormatIn = FormatIn()
    """`{"type": "json_object"}` for JSON instead of words."""
    max_tokens: Annotated[int | None, Field(ge=1)] = None
    """The longest answer of a language model, in tokens."""
    max_completion_tokens: Annotated[int | None, Field(ge=1)] = None
    """As `max_tokens`."""
    n: Literal[1] = 1
    """Only 1: each answer costs what it runs."""
    modalities: list[Literal["text"]] | None = None
    """Only `text`; media are made by tools."""

    @field_validator("tool_choice", mode="before")
    @classmethod
    def _choice(cls, value: Any) -> Any:
        if value in get_args(Mode)[:3]:
            return {"mode": value}
        if isinstance(value, Mapping):
            choice = value.get("function")
            name = choice.get("name") if isinstance(choice, Mapping) else value.get("name")
            if isinstance(name, str) and name:
                return {"mode": "function", "name": name}
            if value.get("type") in ("auto", "none", "required"):
                return {"mode": value["type"]}
        raise ValueError("must be `auto`, `none`, `required` or {type: function, function: {name}}")

    @field_validator("sogni_tools", mode="before")
    @classmethod
    def _tool_set(cls, value: Any) -> Any:
        if isinstance(value, bool) or value in get_args(ToolSet):
            return value
        names = ", ".join(f"`{name}`" for name in get_args(ToolSet))
        raise ValueError(f"must be true, false, {names}")

    @property
    def person(self) -> int | None:
        """Return the id of the person who asks: tools that no one offers them are not offered."""
        return self._person

    def is_of(self, person: int) -> None:
        self._person = person

    def last_user_text(self) -> str:
        """Return what the person said last, cut at LONGEST_READ characters."""
        return self.whole_user_text()[:LONGEST_READ]

    def whole_user_text(self) -> str:
        """Return what the person said last, uncut: a template may be within."""
        texts = (one.text for one in reversed(self.messages) if one.role == "user" and one.text)
        return next(texts, "").strip()

    def images(self) -> list[str]:
        """URLs of the images in messages of the person, the latest message's first."""
        return [
            url
            for message in reversed(self.messages)
            if message.role == "user"
            for url in message.images()
        ]

    def results_of_caller(self) -> list[MessageIn]:
        """Results of the caller's tools that nothing was answered to yet."""
        latest_first = reversed(self.messages)
        return [*takewhile(lambda one: one.role in ("tool", "function"), latest_first)][::-1]

    def own_tools(self) -> dict[str, FunctionIn]:
        return {tool.function.name: tool.function for tool in self.tools}
