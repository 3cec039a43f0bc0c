"""What is asked of the person's own photo or video is done to it, or said to be impossible."""

from __future__ import annotations

import pytest

from compose.drafting import Draft, DraftRequest, draft
from core.errors import InvalidInput

pytestmark = pytest.mark.django_db
SPEED = "No tool here changes the speed or the direction of a video."


def drafted(brief: str) -> Draft:
    return draft(DraftRequest(brief))


def tools_of(brief: str) -> list[str]:
    stages = drafted(brief).template["stages"]
    return [(stage.get("itemStage") or stage)["tool"] for stage in stages]


@pytest.mark.parametrize(
    ("brief", "tools"),
    [
        ("Make my video vertical and loop it", ["stitch_video"]),
        ("Make my video look like anime", ["video_to_video"]),
        ("I want my video in black and white", ["video_to_video"]),
        ("Make my photo vertical", ["edit_image"]),
        ("Make my photo brighter", ["edit_image"]),
        ("Mach mein Foto heller", ["edit_image"]),
        ("Mach mein Porträt schwarz-weiß", ["apply_style"]),
        ("Ma photo en noir et blanc", ["apply_style"]),
        ("Mi retrato en blanco y negro", ["apply_style"]),
        ("Remove the tourists from my photo", ["edit_image"]),
        ("Quita a la gente de mi foto", ["edit_image"]),
        ("Gib meinem Foto einen Sonnenuntergang im Hintergrund", ["edit_image"]),
        ("Make my photo dance", ["animate_photo"]),
        ("Zuschneide mein Video auf 9:16", ["stitch_video"]),
        ("Schneide mein Video auf 9:16", ["stitch_video"]),
        ("Recadre ma vidéo en vertical", ["stitch_video"]),
        ("Recorta mi entrevista a dos minutos", ["video_to_video"]),
        ("Recorta mi video a 1:1", ["stitch_video"]),
        ("Pon mi logo en la esquina de mi video", ["overlay_video"]),
        ("Ajoute mon logo en haut à droite de ma vidéo", ["overlay_video"]),
        ("Ajoute des sous-titres à ma vidéo", ["add_subtitles"]),
        ("Füge meinem Video Untertitel hinzu", ["add_subtitles"]),
    ],
)
def test_what_is_asked_is_done_and_every_word_is_understood(brief: str, tools: list[str]) -> None:
    result = drafted(brief)
    assert tools_of(brief) == tools
    assert result.reading.not_understood == ()
    assert result.reading.impossible == ()


@pytest.mark.parametrize(
    ("brief", "prompt"),
    [
        ("Make my photo brighter", "Make my photo brighter"),
        ("Mach mein Video bunter", "Mach mein Video bunter"),
    ],
)
def test_a_change_without_an_operation_of_its_own_is_asked_for_in_its_words(
    brief: str, prompt: str
) -> None:
    [stage] = drafted(brief).template["stages"]
    assert stage["args"]["prompt"] == prompt


@pytest.mark.parametrize(
    "brief",
    [
        "my video in slow motion",
        "Make my video faster",
        "Mein Video in Zeitlupe",
        "Mach mein Video langsamer",
        "Spiele mein Video rückwärts ab",
        "Mets ma vidéo au ralenti",
        "Accélère ma vidéo",
        "ma vidéo à l'envers",
        "mi vídeo en cámara lenta",
        "Haz mi video más rápido",
        "Pon mi vídeo al revés",
    ],
)
def test_another_speed_or_direction_of_a_video_is_impossible(brief: str) -> None:
    with pytest.raises(InvalidInput, match=SPEED):
        drafted(brief)


def test_what_else_is_asked_of_the_video_is_done() -> None:
    result = drafted("Mein Video in Zeitlupe und auf 9:16 zuschneiden")
    assert [stage["tool"] for stage in result.template["stages"]] == ["stitch_video"]
    assert result.reading.impossible == (SPEED,)
    assert result.reading.not_understood == ()


@pytest.mark.parametrize(
    "brief",
    ["Make my video about bees", "Zeitlupe, ein Glas zerbricht", "un colibrí a cámara lenta"],
)
def test_a_new_film_is_no_work_on_a_file(brief: str) -> None:
    assert "animate_photo" in tools_of(brief)


@pytest.mark.parametrize(
    "brief",
    [
        "change the face to smiling",
        "cambia la cara a feliz",
        "cambia el cielo por estrellas",
        "change le ciel en nuit étoilée",
        "ersetze den Himmel durch Sterne",
    ],
)
def test_a_change_of_what_is_seen_edits_a_photo(brief: str) -> None:
    result = drafted(brief)
    [stage] = result.template["stages"]
    assert (stage["tool"], stage["args"]["source_image_url"]) == ("edit_image", "$inputs.photo")
    assert stage["args"]["prompt"].lower() == brief.lower()
    assert result.reading.not_understood == ()


@pytest.mark.parametrize(
    "brief", ["swap the face with a lion", "cambia la cara por la de mi hermano", "swap my face"]
)
def test_faces_are_not_swapped(brief: str) -> None:
    with pytest.raises(InvalidInput, match=r"No tool here swaps faces\."):
        drafted(brief)


@pytest.mark.parametrize(
    "brief", ["Change the world: a film about volunteers", "change of seasons"]
)
def test_a_change_as_a_subject_is_no_edit(brief: str) -> None:
    assert "edit_image" not in tools_of(brief)


@pytest.mark.parametrize("brief", ["mein Video", "my video", "mi video"])
def test_what_to_do_with_a_file_is_asked(brief: str) -> None:
    with pytest.raises(InvalidInput, match="What should be done with your file"):
        drafted(brief)
