"""A draft says what it understood of a brief, what not, and what no tool here does."""

from __future__ import annotations

import pytest

from compose.drafting import DraftRequest, draft
from compose.reading import Reading
from core.errors import InvalidInput
from tests.support.builders.briefs import briefs
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db
DUBBED = "No tool here dubs a voice into another language."
FACES = "No tool here swaps faces."
WATERMARK = "No tool here removes a watermark."
TRACKING = "No tool here follows an object through a video."
TRANSLATED = "No tool here translates speech."
SENT = "No tool here sends, posts or uploads what it makes. Download it from the run's page."


def reading(brief: str) -> Reading:
    return draft(DraftRequest(brief)).reading


@pytest.mark.parametrize(
    ("brief", "facts"),
    [
        (
            "Three shots of a desert at dusk, 15 seconds, 9:16, soft piano, watercolor",
            ("3 scenes", "15 s", "9:16", "soft piano", "watercolor"),
        ),
        (
            "A fox, 3 shots of 4 seconds each, no sound",
            ("3 scenes", "4 s each", "no sound"),
        ),
        ("Restore this old photo and animate it for 6 seconds", ("restored", "in motion", "6 s")),
        ("Take my clip, add English subtitles and my logo", ("with subtitles", "Clip", "Logo")),
        ("A kitchen, before and after, from two photos, with a wipe", ("2 scenes", "wipe")),
        ("a 3D model of a teapot", ("1 image", "3D model")),
        ("ein 3D-Modell von einer alten Truhe", ("1 image", "3D model")),
        ("A harbor at dawn, four scenes, cuts on the beat, narrated", ("4 scenes", "voice")),
    ],
)
def test_what_was_understood_is_told_in_short_facts(brief: str, facts: tuple[str, ...]) -> None:
    found = reading(brief)
    assert set(facts) <= set(found.understood), found
    assert found.not_understood == found.impossible == ()


@pytest.mark.parametrize(
    ("brief", "sentences"),
    [
        ("A lighthouse at dusk, then email it to Anna", (SENT,)),
        ("Translate my video to Spanish and upscale it", (TRANSLATED,)),
        ("Ein Film über einen Leuchtturm, poste es auf Instagram", (SENT,)),
        ("Un phare au crépuscule, envoie-le à Anna", (SENT,)),
        ("Un faro al atardecer, publícalo en mi canal", (SENT,)),
    ],
)
def test_what_no_tool_does_is_said_and_is_in_no_prompt(
    brief: str, sentences: tuple[str, ...]
) -> None:
    drafted = draft(DraftRequest(brief))
    assert drafted.reading.impossible == sentences
    assert not {"anna", "spanish", "instagram", "canal"} & set(
        str(drafted.template["stages"]).lower().replace("'", " ").replace(",", " ").split()
    )


@pytest.mark.parametrize(
    ("brief", "sentence"),
    [
        ("Swap the face in my video with my photo", FACES),
        ("Tausche das Gesicht in meinem Video mit meinem Foto", FACES),
        ("Échange le visage dans ma vidéo avec ma photo", FACES),
        ("Cambia la cara en mi video por mi foto", FACES),
        ("Remove the watermark from my video", WATERMARK),
        ("Entferne das Wasserzeichen aus meinem Video", WATERMARK),
        ("Enlève le filigrane de ma vidéo", WATERMARK),
        ("Quita la marca de agua de mi video", WATERMARK),
        ("Track the ball in my football video", TRACKING),
        ("Verfolge den Ball in meinem Video", TRACKING),
        ("Suis le ballon dans ma vidéo", TRACKING),
        ("Sigue la pelota en mi video", TRACKING),
    ],
)
def test_work_on_a_file_that_no_tool_does_is_refused(brief: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        draft(DraftRequest(brief))
    assert (refusal.value.code, refusal.value.person) == ("brief.impossible", sentence)


def test_what_no_tool_does_leaves_the_other_work() -> None:
    drafted = draft(DraftRequest("Remove the watermark from my video and upscale it"))
    assert drafted.reading.impossible == (WATERMARK,)
    assert [stage["tool"] for stage in drafted.template["stages"]] == ["upscale_video"]


def test_a_brief_of_what_no_tool_does_alone_is_refused_with_the_sentences() -> None:
    with pytest.raises(InvalidInput) as refusal:
        draft(DraftRequest("Translate my video to Spanish and dub it"))
    assert (refusal.value.code, refusal.value.person) == (
        "brief.impossible",
        f"{TRANSLATED} {DUBBED}",
    )


@pytest.mark.parametrize(
    ("brief", "wish"),
    [
        ("our bakery's sourdough, 20 secs, no talking, just the crackle", "just the crackle"),
        ("An advert for invisible ink, you decide the rest", "you decide the rest"),
        ("Kamerafahrt durch eine alte Bibliothek, ohne Schnitt", "ohne Schnitt"),
        ("a lighthouse, put the score on it", "put the score on it"),
    ],
)
def test_wishes_that_no_reader_takes_are_said_even_where_they_are_drawn(
    brief: str, wish: str
) -> None:
    assert wish in reading(brief).not_understood


def test_words_that_led_to_nothing_are_told_with_the_answer(alice_key: str) -> None:
    brief = "Cooking for a school: 1. chop onions 2. fry them in butter 3. add rice"
    body = {"tool": "compose_workflow_template", "arguments": {"brief": brief, "name": "Rice"}}
    answer = Api(alice_key).post("/v1/creative-agent/tools/execute", body)
    result = answer.json()["data"]["result"]
    assert result["reading"]["not_understood"] == ["Cooking for a school"]
    assert "Not understood: “Cooking for a school”." in result["message"]


def test_few_pinned_briefs_have_words_that_lead_to_nothing() -> None:
    rows = [row for group in ("planned", "more", "unseen", "work") for row in briefs(group)]
    texts = [row["brief"] for row in rows if row["want"].get("subject", True)]
    lost = {text: words for text in texts if (words := reading(text).not_understood)}
    assert len(lost) < 0.2 * len(texts), lost


@pytest.mark.parametrize(
    ("brief", "texts"),
    [
        (
            "Turnaround: a robot, front view, side view, back view",
            ["A robot, front view", "A robot, side view", "A robot, back view"],
        ),
        (
            "Character sheet of a small dragon: front, side and back",
            ["A small dragon, front", "A small dragon, side", "A small dragon, back"],
        ),
        (
            "Charakterblatt: ein kleiner Drache, Vorderansicht, Rückseite",
            ["Ein kleiner Drache, Vorderansicht", "Ein kleiner Drache, Rückseite"],
        ),
        (
            "Fiche de personnage : un petit dragon, vue de face, vue de dos",
            ["Un petit dragon, vue de face", "Un petit dragon, vue de dos"],
        ),
        (
            "Hoja de personaje: un pequeño dragón, vista frontal, vista trasera",
            ["Un pequeño dragón, vista frontal", "Un pequeño dragón, vista trasera"],
        ),
    ],
)
def test_a_character_sheet_is_an_image_of_each_view(brief: str, texts: list[str]) -> None:
    drafted = draft(DraftRequest(brief))
    stages = drafted.template["stages"]
    assert [stage["tool"] for stage in stages] == ["generate_image"] * len(texts)
    assert [stage["args"]["prompt"] for stage in stages] == texts
    assert drafted.reading.not_understood == ()


@pytest.mark.parametrize(
    "brief",
    [
        "portrait / oil painting / old sailor / blue background",
        "portrait | watercolor | a red fox | snow",
        "Porträt / Ölgemälde / alter Seemann / blauer Hintergrund",
        "portrait / peinture à l'huile / vieux marin / fond bleu",
        "retrato / acuarela / viejo marinero / fondo azul",
    ],
)
def test_tags_between_slashes_are_one_image_without_the_slashes(brief: str) -> None:
    template = draft(DraftRequest(brief)).template
    (stage,) = template["stages"]
    assert stage["tool"] == "generate_image"
    shown = f"{stage['args']['prompt']} {template['name']} {template['inputs']}"
    assert "/" not in shown
    assert "|" not in shown


def test_scenes_between_slashes_stay_scenes() -> None:
    template = draft(DraftRequest("a door opens / a shadow moves / a scream")).template
    assert [stage["tool"] for stage in template["stages"]].count("animate_photo") == 3


def _prompts_and_defaults(brief: str) -> list[str]:
    """Return every prompt of a draft of a brief, and every text of its lists."""
    template = draft(DraftRequest(brief=brief)).template
    defaults = [one.get("default") for one in template["inputs"]]
    texts = [text for default in defaults if isinstance(default, list) for text in default]
    calls = [one.get("args") or one["itemStage"]["args"] for one in template["stages"]]
    return texts + [call["prompt"] for call in calls if "prompt" in call]


@pytest.mark.parametrize(
    ("brief", "count", "words"),
    [
        ("A slideshow of six famous bridges, 3 seconds each", 6, "one of six famous bridges"),
        ("A slideshow of six cities", 6, "one of six cities"),
        ("Diaporama de cinq fleurs sauvages", 5, "cinq fleurs sauvages"),
        ("Presentación de fotos de cuatro volcanes, 12 segundos", 4, "cuatro volcanes"),
        ("Eine Diashow von sechs berühmten Brücken", 6, "sechs berühmten Brücken"),
        ("An icon set of six weather icons, flat style", 6, "Weather icon, item"),
        ("Eine Serie von drei Plakaten für ein Jazzfestival", 3, "Plakat für ein Jazzfestival"),
        ("Un juego de cuatro iconos del tiempo", 4, "Icono del tiempo"),
    ],
)
def test_a_counted_plural_is_a_count(brief: str, count: int, words: str) -> None:
    assert sum(words in text for text in _prompts_and_defaults(brief)) == count
    warnings = draft(DraftRequest(brief=brief)).warnings
    assert any("which" in warning and "name one" in warning for warning in warnings)


@pytest.mark.parametrize(
    "brief",
    ["A slideshow of three friends at the beach", "A man walks past three paintings in a museum"],
)
def test_several_in_one_picture_are_no_count(brief: str) -> None:
    assert reading(brief).understood == ("1 scene",)


@pytest.mark.parametrize(
    "brief",
    [
        "Slideshow: Paris, Rome, Vienna, 4 seconds per city",
        "Diashow: Paris, Rom, Wien, je 4 Sekunden",
        "Diashow: Paris, Rom, Wien, pro Bild 4 Sekunden",
        "Diaporama : Paris, Rome, Vienne, 4 secondes chacune",
        "Diaporama : Paris, Rome, Vienne, 4 secondes par ville",
        "Presentación: París, Roma, Viena, 4 segundos cada una",
    ],
)
def test_a_length_at_the_end_of_a_list_is_of_each(brief: str) -> None:
    assert reading(brief).understood == ("3 scenes", "4 s each", "12 s")


def test_a_rooster_that_sings_is_no_song() -> None:
    brief = "Film : un coq chante, un fermier bâille, un chien aboie"
    assert reading(brief).understood == ("3 scenes",)
    assert "Un coq chante" in _prompts_and_defaults(brief)


@pytest.mark.parametrize(
    ("brief", "music"),
    [
        ("Ein Film über einen Hafen, 12 Sekunden, mit Streichquartett", "Streichquartett"),
        ("Ein Film über einen Hafen, mit ruhiger Gitarrenmusik", "Ruhiger Gitarrenmusik"),
        ("Un video de un mercado de flores, con música de guitarra", "Música de guitarra"),
        ("Un vídeo de una plaza vacía, con un violonchelo triste", "Violonchelo triste"),
        ("Un film sur un vieux phare, avec un quatuor à cordes", "Quatuor à cordes"),
        ("Un film sur un vieux phare, avec de la musique de piano", "Musique de piano"),
        ("Un film sur un vieux phare, piano doux", "Piano doux"),
    ],
)
def test_an_instrument_of_any_language_is_heard_and_not_seen(brief: str, music: str) -> None:
    prompts = _prompts_and_defaults(brief)
    assert music in prompts
    rest = " ".join(prompts).replace(music, "").lower()
    assert music.split()[-1].lower() not in rest


@pytest.mark.parametrize(
    ("brief", "prompt"),
    [
        ("Un film d'une femme avec un violon dans la rue", "Une femme avec un violon dans la rue"),
        ("Un cartel para un concierto de jazz", "Un cartel para un concierto de jazz"),
        ("Una película corta de un gato azul", "Plano general: un gato azul"),
        ("Un vídeo breve de una panadería", "Plano general: una panadería"),
    ],
)
def test_what_is_seen_keeps_its_words_and_no_others(brief: str, prompt: str) -> None:
    assert prompt in _prompts_and_defaults(brief)


@pytest.mark.parametrize(
    ("brief", "about"),
    [
        ("A lullaby about the moon", "Moon lullaby"),
        ("Ein Schlaflied über den Mond", "Mond Schlaflied"),
        ("Une berceuse sur la lune", "Lune berceuse"),
        ("Una canción de cuna sobre la luna", "Luna canción de cuna"),
        ("A lullaby for my daughter Ida about a sleepy hedgehog", "Sleepy hedgehog lullaby"),
        ("Ein Schlaflied für meine Tochter Ida über einen Igel", "Igel Schlaflied"),
        ("Une berceuse pour ma fille Ida sur un hérisson", "Hérisson berceuse"),
        ("Una canción de cuna para mi hija Ida sobre un erizo", "Erizo canción de cuna"),
    ],
)
def test_a_lullaby_is_calm_and_about_its_subject(brief: str, about: str) -> None:
    template = draft(DraftRequest(brief=brief)).template
    [music] = template["stages"]
    assert template["name"] == about
    assert "celesta, soft harp" in music["args"]["prompt"]
    [lyrics] = template["inputs"]
    assert ("Ida" in lyrics["default"]) == ("Ida" in brief)
    assert "Tochter Ida über" not in lyrics["default"]


def test_a_cover_is_no_part_of_what_is_sung() -> None:
    template = draft(DraftRequest("A song about my grandmother with a cover")).template
    lyrics = next(one["default"] for one in template["inputs"] if one["name"] == "lyrics")
    assert "cover" not in lyrics
    assert [one["id"] for one in template["stages"]] == ["music", "cover"]


@pytest.mark.parametrize(
    ("brief", "style"),
    [
        ("A four-panel comic about a robot that looks for its cat", "comic"),
        ("Ein Comic in vier Bildern: ein Roboter sucht seine Katze", "comic"),
        ("Une bande dessinée en quatre cases : un robot cherche son chat", "bande dessinée"),
        ("Un cómic de cuatro viñetas: un robot busca a su gato", "cómic"),
    ],
)
def test_a_comic_is_an_image_a_panel(brief: str, style: str) -> None:
    prompts = [text for text in _prompts_and_defaults(brief) if text != "$item"]
    assert len(prompts) == 4
    assert all("robot" in text.lower() and style in text.lower() for text in prompts)
    assert "4 images" in reading(brief).understood


@pytest.mark.parametrize(
    "brief",
    [
        "Audio only: a fairy tale about a fox",
        "Nur der Ton: ein Märchen von einem Fuchs",
        "Seulement le son : un conte sur un renard",
        "Solo audio: un cuento sobre un zorro",
    ],
)
def test_a_tale_to_hear_is_a_voice(brief: str) -> None:
    tools = [one["tool"] for one in draft(DraftRequest(brief)).template["stages"]]
    assert tools == ["generate_speech"]


def test_a_recording_without_a_subject_asks_for_its_words() -> None:
    template = draft(DraftRequest("A podcast intro, spoken, 20 seconds")).template
    assert [stage["tool"] for stage in template["stages"]] == ["generate_speech"]
    [narration] = template["inputs"]
    assert narration["required"]
    assert not narration.get("default")


def test_a_draft_tells_all_that_it_draws_reads_and_plays() -> None:
    brief = (
        "A film for our rowing club, 10 seconds, soft piano, a narrator says “Row with us”,"
        " with the words “Row” at the end"
    )
    contents = reading(brief).contents
    assert [line for line in contents if "rowing club" in line]
    assert {"Music: Soft piano", "Voice: Row with us", "Text: Row"} <= set(contents)
    assert not any(line.startswith("$") for line in contents)
