"""Reads that clients make on their own account, and the routes this server leaves out."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from builder.account_reads import models, schemas
from compose.chat.models import chat_models
from compose.chat.models import find as find_chat_model
from core import errors, server_settings
from core.http import success
from core.openapi import Parameter, operation
from tools.offering import facts_of

MODELS = "Models"
ACCOUNT = "Account"
TIER = "studio"


class ModelsView(APIView):
    """`GET /v1/models`: those that chat, as clients take all of them for; the others when asked."""

    @operation(
        "listModels",
        "List models",
        tag=MODELS,
        parameters=(
            Parameter(
                "all",
                "query",
                "`true` or `1`: then the media models that someone here offers, too.",
                {"type": "boolean", "default": False},
            ),
        ),
        answers={200: schemas.ModelList},
        flat=True,
    )
    def get(self, request: Request) -> Response:
        rows = [schemas.ListedModel(id=one.id, owned_by=one.owner) for one in chat_models()]
        if request.query_params.get("all") in ("true", "1"):
            media = models.media_models(_person(request))
            rows += [_list_entry(one) for one in media if one.provider]
        return Response(schemas.ModelList(data=rows).model_dump())


class ModelView(APIView):
    """`GET /v1/models/<id>`; an id may hold slashes and dots."""

    @operation("getModel", "Get a model", tag=MODELS, answers={200: schemas.ListedModel}, flat=True)
    def get(self, request: Request, model_id: str) -> Response:
        if chat := find_chat_model(model_id):
            return Response(schemas.ListedModel(id=chat.id, owned_by=chat.owner).model_dump())
        for one in models.media_models(_person(request)):
            if one.id == model_id and one.provider:
                return Response(_list_entry(one).model_dump())
        raise errors.NotFound("No model of that name is offered here. See /v1/models.")


class ModelCatalogView(APIView):
    """`GET /v1/model-catalog`."""

    @operation(
        "getModelCatalog",
        "List media models and their tools",
        tag=MODELS,
        answers={200: schemas.ModelCatalog},
    )
    def get(self, request: Request) -> Response:
        rows = [_catalog_entry(one) for one in models.media_models(_person(request))]
        return success(schemas.ModelCatalog(models=rows))


class SupportedModelsView(APIView):
    """`GET /api/v1/models/list`, as the SDKs ask it of the socket's host."""

    @operation(
        "listSupportedModels",
        "List models as the SDKs do",
        tag=MODELS,
        answers={200: {"type": "array", "items": {"$ref": "#/components/schemas/SupportedModel"}}},
        uses=(schemas.SupportedModel,),
        flat=True,
    )
    def get(self, request: Request) -> Response:
        return Response(
            [
                schemas.SupportedModel(
                    id=one.id,
                    name=models.readable(one.id),
                    SID=place,
                    tier=TIER,
                    media=one.media,
                ).model_dump()
                for place, one in enumerate(models.media_models(_person(request)), 1)
                if one.provider
            ]
        )


class ModelTiersView(APIView):
    """`GET /api/v2/models/tiers`: one tier, without limits of its own."""

    @operation(
        "getModelTiers",
        "List limits by model tier",
        tag=MODELS,
        answers={200: {"type": "object", "additionalProperties": {"type": "object"}}},
        flat=True,
    )
    def get(self, request: Request) -> Response:
        return Response({TIER: {}})


class SubscriptionView(APIView):
    """`GET /v1/subscriptions/status`."""

    @operation(
        "getSubscription", "Get the subscription", tag=ACCOUNT, answers={200: schemas.Subscription}
    )
    def get(self, request: Request) -> Response:
        return success(schemas.Subscription().model_dump())


class AnnouncementsView(APIView):
    """`GET /v1/announcements/active`."""

    @operation(
        "listAnnouncements",
        "Get announcements",
        tag=ACCOUNT,
        parameters=(
            Parameter("platform", "query", "Accepted and ignored; announcements are for everyone."),
        ),
        answers={200: schemas.AnnouncementsAnswer},
        flat=True,
    )
    def get(self, request: Request) -> Response:
        active = schemas.Announcements(announcements=_announcements())
        answer = schemas.AnnouncementsAnswer(announcements=active.announcements, data=active)
        return Response(answer.model_dump())


class LorasView(APIView):
    """`GET /v1/loras/comfy`, `/v1/loras/personal`, `/v1/loras/personal/catalog`."""

    @operation(
        "listLoras",
        "List LoRAs (always empty)",
        tag=MODELS,
        parameters=(Parameter("modelId", "query", "Accepted and ignored."),),
        answers={200: schemas.Loras},
    )
    def get(self, request: Request) -> Response:
        return success(schemas.Loras().model_dump())


def _catalog_entry(model: models.MediaModel) -> schemas.CatalogModel:
    """Return a model with what is known of it: by its first tool that someone does, and by others
    where that differs."""
    by_tool = {tool: _for_tool(model, tool) for tool in model.tools}
    first = by_tool[next(iter(model.offers), model.tools[0])]
    return {
        "id": model.id,
        "name": models.readable(model.id),
        "media": model.media,
        "type": model.media,
        "tools": model.tools,
        "available": bool(model.provider),
        **first,
        "byTool": {tool: of_tool for tool, of_tool in by_tool.items() if of_tool != first},
    }


def _for_tool(model: models.MediaModel, tool: str) -> schemas.ToolModel:
    offer = model.offers.get(tool)
    return {"provider": offer.name if offer else None, **facts_of(model.id, offer)}


def _list_entry(model: models.MediaModel) -> schemas.ListedModel:
    return schemas.ListedModel(id=model.id, owned_by=model.provider)


def _announcements() -> list[schemas.Announcement]:
    words: str = server_settings.value("ANNOUNCEMENT")
    if not words:
        return []
    digest = server_settings.digest(words)[:16]
    return [schemas.Announcement(id=f"ann_{digest}", title="Announcement", message=words)]


def _person(request: Request) -> int | None:
    """Return the id of the person who asks; None for a visitor."""
    return request.user.pk if isinstance(request.user, User) else None
