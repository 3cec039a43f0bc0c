"""Briefs whose drafts are right, or say what of them is not."""

from __future__ import annotations

from typing import Any

import pytest

from compose.drafting import Draft, DraftRequest, draft

pytestmark = pytest.mark.django_db


def drafted(brief: str) -> Draft:
    return draft(DraftRequest(brief=brief))


def calls_of(answer: Draft, tool: str) -> list[dict[str, Any]]:
    calls = [stage.get("itemStage") or stage for stage in answer.template["stages"]]
    return [call["args"] for call in calls if call.get("tool") == tool]


def prompts_of(answer: Draft) -> str:
    """Return all that images and videos are made of, a line each."""
    drawing = ("generate_image", "edit_image", "animate_photo", "generate_video")
    prompts = [call["prompt"] for tool in drawing for call in calls_of(answer, tool)]
    texts = [str(one.get("default", "")) for one in answer.template["inputs"]]
    return "\n".join(prompts + texts)


def test_what_is_unwanted_is_kept_out_of_each_image() -> None:
    answer = drafted("A real estate tour: living room, kitchen, terrace. No people, no text.")
    images = calls_of(answer, "generate_image")
    assert [image["negativePrompt"] for image in images] == ["people, text"] * 3
    assert "No people" not in prompts_of(answer)
    assert "without people, text" in answer.reading.understood


def test_what_is_unwanted_of_a_song_is_said() -> None:
    answer = drafted("A song about the sea, no swearing")
    assert any("swearing" in words for words in answer.reading.not_understood)


@pytest.mark.parametrize(
    ("brief", "spoken", "seen"),
    [
        (
            'A snail races a toaster, announcer shouting "It\'s neck and neck!", 8 seconds',
            "It's neck and neck!",
            "A snail races a toaster",
        ),
        (
            'A woman in her kitchen, she says "I use it every day", 9:16',
            "I use it every day",
            "A woman in her kitchen",
        ),
        ('Ein Kind fragt "Warum?", der Vater lacht', "Warum?", "Ein Kind spricht, der Vater lacht"),
        (
            'Una bici oxidada, luego una bici brillante. Voz en off: "Como nueva"',
            "Como nueva",
            "Una bici oxidada",
        ),
    ],
)
def test_quoted_speech_is_heard_once_and_not_drawn(brief: str, spoken: str, seen: str) -> None:
    answer = drafted(brief)
    [narration] = [one for one in answer.template["inputs"] if one["name"] == "narration"]
    assert narration["default"].strip('"') == spoken
    images = [image["prompt"] for image in calls_of(answer, "generate_image")]
    assert images[0].startswith(seen)
    assert not [image for image in images if spoken in image]


def test_words_on_a_thing_are_not_spoken() -> None:
    answer = drafted('A man in a shirt that says "Boss" eats a cake')
    assert calls_of(answer, "generate_speech") == []
    assert 'that says "Boss"' in prompts_of(answer)


def test_a_brief_that_is_only_narrated_shows_what_is_said() -> None:
    answer = drafted('Explainer, 20 seconds, narrator says "Bees make honey. Bears eat it."')
    images = [image["prompt"] for image in calls_of(answer, "generate_image")]
    assert images == ["Bees make honey", "Bears eat it"]


def test_a_podcast_intro_is_heard_and_its_words_are_no_format() -> None:
    answer = drafted('Podcast intro of 12 seconds, a voice says "Stories of the night"')
    assert calls_of(answer, "generate_image") == []
    assert "9:16" not in answer.reading.understood


@pytest.mark.parametrize(
    ("brief", "name", "reads"),
    [
        ("Teaser for my album. Frozen rivers, fish under ice. Title at the end.", "title", ""),
        ('Spot für meinen Blumenladen, am Ende unser Name "Blütezeit"', "title", "Blütezeit"),
        (
            'Une femme marche la nuit, puis un flacon, puis le slogan "Ose la nuit"',
            "title",
            "Ose la nuit",
        ),
        (
            "A tour: kitchen, bedroom, terrace. 5 seconds each, end card with our number 555-0142",
            "title",
            "Number 555-0142",
        ),
        ("A tour: kitchen, bedroom, terrace, end card with our website", "website", ""),
    ],
)
def test_a_title_at_the_end_is_a_card_behind_all_scenes(brief: str, name: str, reads: str) -> None:
    answer = drafted(brief)
    [card] = calls_of(answer, "overlay_video")
    assert card["overlays"][0]["text"] == f"$inputs.{name}"
    assert reads in next(
        one.get("default", "") for one in answer.template["inputs"] if one["name"] == name
    )
    images = "\n".join(image["prompt"] for image in calls_of(answer, "generate_image")).lower()
    assert not [
        word for word in ("title", "blütezeit", "slogan", "555", "website") if word in images
    ]


def test_scenes_of_a_length_keep_it_beside_a_card() -> None:
    answer = drafted("A tour: kitchen, bedroom, terrace. 5 seconds each, end card with our website")
    assert [shot["duration"] for shot in calls_of(answer, "animate_photo")] == [5.0] * 3


def test_what_becomes_of_files_is_no_scene() -> None:
    answer = drafted(
        "Turn a product photo and a slogan into an ad: a product on a table, slogan at the end"
    )
    assert "turn" not in prompts_of(answer).lower()
    assert "into" not in prompts_of(answer)


@pytest.mark.parametrize(
    ("brief", "wish"),
    [
        ("A video for my bakery, 10 seconds, but ask me for the offer each time", "ask me for the"),
        ("How to tie a knot in 3 steps, with a number on screen, a wooden table", "with a number"),
        ("A lake at dawn, a swan, a boat, words appear as they are sung", "words appear"),
        ("Two versions of the same ad: a cold drink, a beach", "of the same ad"),
        ("Ein See am Morgen, ein Boot, die Zahl im Bild eingeblendet", "im Bild eingeblendet"),
        ("A loopable background for our website, blue waves", "loopable"),
        ("Trois affiches d'un lac, j'en choisis une", "j'en choisis"),
        ("Un lac au matin, une barque, le prix à l'écran", "à l'écran"),
        ("Un lago, una barca, el precio en pantalla", "en pantalla"),
    ],
)
def test_a_wish_about_the_work_is_said_and_not_drawn(brief: str, wish: str) -> None:
    answer = drafted(brief)
    assert any(wish in words for words in answer.reading.not_understood)
    assert wish not in prompts_of(answer)


@pytest.mark.parametrize(
    ("brief", "items"),
    [
        (
            "Make a 5 second clip for each of our stores (Berlin, Hamburg), a door opens",
            ["A door opens: Berlin", "A door opens: Hamburg"],
        ),
        (
            "Pour chacune de nos boutiques (Lyon, Nantes), une vidéo de 5 secondes de la façade",
            ["Façade: Lyon", "Façade: Nantes"],
        ),
    ],
)
def test_each_item_of_a_list_in_brackets_has_the_scene_and_its_length(
    brief: str, items: list[str]
) -> None:
    answer = drafted(brief)
    assert [one["default"] for one in answer.template["inputs"]] == [items]
    assert calls_of(answer, "animate_photo")[0]["duration"] >= 5
    assert "9:16" not in answer.reading.understood


@pytest.mark.parametrize(
    ("brief", "words"),
    [
        ("A 15 second clip of a skateboarder with a beat, vertical", "with a beat"),
        ("a poster and a short film about a lighthouse", "a poster and a short film"),
        ("3D turntable of a sneaker, 10 seconds", "turntable"),
        ("Two people: “Did you feed the cat?” “We have a cat?”, 8 seconds", "“We have a cat?”"),
        ("A harbor at dawn, a gull takes off, 24 fps", "24 fps"),
        ("Put my product into the hands of the woman in my video", "my product"),
        ("Make my video shorter", "shorter"),
        ("Visualizer for my track, purple smoke, cut on the beat", "cuts on the beat"),
        ("a seamless loop of rain on a window, 10 seconds", "loop"),
        ("Upscale my photo to 8k", "8k"),
        ("In English: ein Film über einen Bäcker, 20 Sekunden", "In English"),
        ("Eine Frau backt Brot. Spricht ruhig und freundlich. 30 Sekunden", "Spricht ruhig"),
        ("un reel vertical de 15 seg del nuevo brunch, con ritmo", "con ritmo"),
        ("Une demi-minute de vagues en boucle", "en boucle"),
        ("A tour of a house, 20 seconds, end card with our logo", "end card with our logo"),
        ("A man in my photo walks through the house in my other photo, 6 s", "Other photo"),
    ],
)
def test_words_that_may_be_an_instruction_are_said_even_where_they_are_drawn(
    brief: str, words: str
) -> None:
    said = drafted(brief).reading.not_understood
    assert any(words in part for part in said), said


@pytest.mark.parametrize(
    ("brief", "remark", "seen"),
    [
        (
            "My daughter turns 6 on Saturday. Make an invitation card with a unicorn",
            "My daughter turns 6 on Saturday",
            "unicorn",
        ),
        (
            "We run a small candle shop. A 15 second reel of a candle next to a bath",
            "We run a small candle shop",
            "a candle next to a bath",
        ),
        ("A red kite over a beach, I need it on Friday", "I need it on Friday", "A red kite"),
        ("Ich bin Makler. Ein Rundgang durch ein Haus am See", "Ich bin Makler", "Haus am See"),
        ("Un phare au crépuscule, je cherche un style sobre", "je cherche", "Un phare"),
        ("Un faro al atardecer, yo lo necesito el viernes", "yo lo necesito", "Un faro"),
    ],
)
def test_what_people_say_of_themselves_is_said_and_not_drawn(
    brief: str, remark: str, seen: str
) -> None:
    answer = drafted(brief)
    prompts = prompts_of(answer)
    assert seen in prompts
    assert remark not in prompts
    assert any(remark in words for words in answer.reading.not_understood)


@pytest.mark.parametrize(
    ("brief", "facts"),
    [
        ("Between 20 and 30 seconds, a teaser for a charity run", ("25 s",)),
        (
            'Six photos of a flat, 5 seconds each, a voice-over reading: "Five minutes from town."',
            ("30 s", "voice"),
        ),
        ("Ein Haus am See, drei Bilder als Diashow, jedes Bild 4 Sekunden", ("4 s each",)),
        ("A ship turns away from the rocks. Slow piano underneath.", ("Slow piano",)),
        ("Show me three versions of a fox first and ask me which one", ("you choose 1 of 3",)),
        ("Take these four clips, cut them together", ("joined", "Clip × 4")),
        ("Una familia de zorros se muda, acuarela, 6 escenas", ("6 scenes", "acuarela")),
    ],
)
def test_more_ways_to_say_lengths_sounds_and_choices(brief: str, facts: tuple[str, ...]) -> None:
    assert set(facts) <= set(drafted(brief).reading.understood)


def test_a_decade_is_no_length_and_a_french_order_no_style() -> None:
    assert not any("80 s" in fact for fact in drafted("a mall, 80s synths").reading.understood)
    anime = drafted("Anime le dessin de ma fille, le dragon crache du feu")
    assert not calls_of(anime, "apply_style")


def test_a_german_ordinal_ends_no_sentence() -> None:
    [image] = calls_of(drafted("Plakat für das Fest am 12. Juli, mit Lampions"), "generate_image")
    assert image["prompt"] == "Plakat für das Fest am 12. Juli, mit Lampions"


def test_a_clause_on_the_look_is_no_scene_of_its_own() -> None:
    answer = drafted(
        "Ein Video: Brot kommt aus dem Ofen, Dampf steigt auf, Nahaufnahme, 8 Sekunden"
    )
    assert [image["prompt"] for image in calls_of(answer, "generate_image")] == [
        "Brot kommt aus dem Ofen",
        "Dampf steigt auf, nahaufnahme",
    ]


def test_words_over_a_film_are_not_drawn_into_it() -> None:
    answer = drafted('A bath by candle light, 10 seconds, with the words "Slow down"')
    assert "Slow down" not in str(calls_of(answer, "generate_image"))
    assert any(call.get("overlays") for call in calls_of(answer, "overlay_video"))


def test_a_text_that_is_typed_again_moves_the_shot_too() -> None:
    answer = drafted("A film for our rowing club, 15 seconds")
    [list_of_texts] = [one["name"] for one in answer.template["inputs"]]
    prompts = [call["prompt"] for call in calls_of(answer, "animate_photo")]
    assert prompts == [f"$inputs.{list_of_texts}[{at}]" for at in range(len(prompts))]


def test_a_singer_is_part_of_the_music_and_not_of_the_lyrics() -> None:
    answer = drafted("A country song about my broken tractor, two minutes, female voice")
    [music] = calls_of(answer, "generate_music")
    assert "female voice" in music["prompt"]
    [lyrics] = [one["default"] for one in answer.template["inputs"] if one["name"] == "lyrics"]
    assert "female voice" not in lyrics


def test_what_a_video_is_for_is_not_what_it_shows() -> None:
    answer = drafted("A calm video for our waiting room: sleeping cats and dogs, 15 seconds")
    assert "waiting room" not in prompts_of(answer)
    assert "sleeping cats and dogs" in prompts_of(answer)
    water = drafted("for school: explain the water cycle in 4 pictures, about 40 seconds")
    assert "school" not in prompts_of(water).lower()
    assert "for school" in water.reading.not_understood


def test_an_order_behind_a_remark_is_read() -> None:
    answer = drafted("we are a choir of 30, make a poster for our Christmas concert")
    assert [stage["tool"] for stage in answer.template["stages"]] == ["generate_image"]


@pytest.mark.parametrize(
    ("brief", "rest"),
    [
        ('My video of the house, add a female voice reading: "Three bedrooms."', "reading"),
        ("Chat, chien, maison, arbre, avec le mot prononcé à voix haute", "prononcé"),
        ("Ein Salon, eine Frauenstimme, die sagt: „Zeit für dich.“", "die spricht"),
        ("Un lac, avec des sous-titres mais sans voix, 30 secondes", "mais"),
    ],
)
def test_what_is_left_around_a_sound_is_not_drawn(brief: str, rest: str) -> None:
    assert rest not in prompts_of(drafted(brief))


def test_what_else_is_said_of_one_picture_is_how_it_moves() -> None:
    answer = drafted("Bring this painting to life, the waves should move, 10 seconds")
    [shot] = calls_of(answer, "animate_photo")
    assert shot["duration"] == 10
    assert "the waves should move" in shot["prompt"]


@pytest.mark.parametrize(
    ("brief", "facts"),
    [
        ("Quatre plans de 4 secondes : salon, cuisine, chambre, terrasse", ("4 s each", "16 s")),
        ("logo for a bakery called Crumb, flat, two colours, no text", ("1 image",)),
        ("YouTube thumbnail, a giant burger", ("1 image", "16:9")),
        ("Cuento sobre una ballena: cinco ilustraciones, voz de abuela", ("5 scenes",)),
    ],
)
def test_numbers_belong_to_their_nouns(brief: str, facts: tuple[str, ...]) -> None:
    assert set(facts) <= set(drafted(brief).reading.understood)


def test_views_of_one_thing_are_no_subtitles() -> None:
    answer = drafted("A film about brushing a dog's teeth, 30 seconds, subtitles, no voice")
    assert not calls_of(answer, "add_subtitles")
    assert any("no words to show as subtitles" in warning for warning in answer.warnings)


@pytest.mark.parametrize(
    "brief",
    [
        "A red kite, then upload the film to TikTok",
        "Ein roter Drachen, lade das Video auf TikTok hoch",
        "Un cerf-volant rouge, publie la vidéo sur Instagram",
        "Una cometa roja, sube el vídeo a YouTube",
    ],
)
def test_posting_on_a_platform_is_said_to_be_impossible(brief: str) -> None:
    assert any("posts or uploads" in words for words in drafted(brief).reading.impossible)


@pytest.mark.parametrize(
    ("brief", "prompts"),
    [
        (
            "Drei Bilder: ein Fuchs, ein Igel und eine Eule, für ein Kinderbuch",
            ["Ein Fuchs", "Ein Igel", "Eine Eule"],
        ),
        (
            "Three pictures: a fox, a hedgehog and an owl, for a children's book",
            ["A fox", "A hedgehog", "An owl"],
        ),
        (
            'Poster for a play, title "MACBETH" in red letters, a crown in the mud',
            ['Poster for a play, title "MACBETH" in red letters, a crown in the mud'],
        ),
    ],
)
def test_a_list_of_pictures_has_a_picture_for_each_and_a_poster_is_whole(
    brief: str, prompts: list[str]
) -> None:
    images = calls_of(drafted(brief), "generate_image")
    assert [image["prompt"] for image in images] == prompts


def test_items_between_dashes_are_a_list() -> None:
    answer = drafted("For each of these cities - Lisbon, Porto, Faro - a 5 second video")
    [cities] = answer.template["inputs"]
    assert (cities["name"], cities["default"]) == ("cities", ["Lisbon", "Porto", "Faro"])


@pytest.mark.parametrize(
    ("brief", "words"),
    [
        ("Bees, 20 seconds, calm voice, subtitles in English and Spanish", "English and Spanish"),
        ("Un anuncio de perfume para Instagram, pétalos cayendo", "Instagram"),
        ("An ad for a bakery: bread from the oven, a croissant, our logo at the end", "Logo"),
    ],
)
def test_what_vanished_without_a_trace_is_said(brief: str, words: str) -> None:
    answer = drafted(brief)
    assert any(words in part for part in answer.reading.not_understood), answer.reading


def test_a_logo_is_no_subject_and_subtitles_of_a_recording_are_an_example() -> None:
    ad = drafted("A 20 second ad for a bakery: bread from the oven, a croissant, our logo")
    assert not calls_of(ad, "edit_image")
    clip = drafted("Take my interview clip, remove the ums, add captions")
    assert not calls_of(clip, "video_to_video")
    assert any("cuts words or pauses" in words for words in clip.reading.impossible)
    assert any("are an example" in warning for warning in clip.warnings)
