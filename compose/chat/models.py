"""The models that chat answers by: the rules of this server, and the language model it has."""

from __future__ import annotations

from dataclasses import dataclass

from compose.model.model_client import configured_model
from core import errors

# The rules, as a model.
RULES = "reelgraph-rules"
# What public clients ask for unless told otherwise: whatever answers here.
USUAL = "qwen3.6-35b-a3b-gguf-iq4xs"


@dataclass(frozen=True, slots=True)
class ChatModel:
    """A model that chat may be asked for. owner: whose it is, as OpenAI's `owned_by`."""

    id: str
    owner: str


def chat_models() -> tuple[ChatModel, ...]:
    """Return what `GET /v1/models` lists for chat, the one that answers unasked last."""
    model = configured_model()
    own_models = (ChatModel(model.name, "operator"),) if model is not None else ()
    return (ChatModel(RULES, "reelgraph"), *own_models)


def find(model_id: str) -> ChatModel | None:
    """Return the model of this id. What public clients usually ask for is the one of here."""
    by_id = {model.id: model for model in chat_models()}
    return ChatModel(USUAL, "reelgraph") if model_id == USUAL else by_id.get(model_id)


def check_is_known(model_id: str | None) -> None:
    """Raise NotFound (`model_not_found`) for a model that chat does not answer by."""
    if model_id and find(model_id) is None:
        names = ", ".join(f"`{model.id}`" for model in chat_models())
        raise errors.NotFound(
            f"`model`: this server doesn't chat with {model_id[:100]}. Ask for {names}, or leave"
            " `model` out.",
            code="model_not_found",
        )
