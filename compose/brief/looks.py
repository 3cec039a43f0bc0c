"""How a brief wants the pictures to look, move and follow each other. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from compose.brief.clauses import CLAUSE_ENDS, clauses
from compose.brief.clean import one_of
from compose.brief.words import Phrases, Words

_STYLES: Phrases[bool] = Phrases(
    any={
        True: "anime, manga, noir, cyberpunk, steampunk, vaporwave, synthwave style, pixel art,"
        " 8-bit, 16-bit, 16mm, 35mm, 8mm, super 8, super-8, vhs, low poly, lowpoly,"
        " isometric, ukiyo-e, bauhaus, art deco, pop art, graffiti, pixar, ghibli, studio"
        " ghibli, lego, kodachrome, origami, papercut, paper cut, impressionist, y2k,"
        " comic strip, webtoon, cottagecore, vintage, retro, minimal"
    },
    en={
        True: "watercolor, watercolour, watercolors, watercolours, oil painting, oil paint,"
        " pencil sketch, pencil drawing, charcoal, ink drawing, line art, line drawing,"
        " comic, comic book, cartoon, claymation, clay animation, stop motion,"
        " stop-motion, 3d render, 3d animation, 3d, neon, black and white, black & white,"
        " b&w, bw, monochrome, sepia, film noir, cinematic, minimalist, minimalistic,"
        " pastel, pastels, pastel colors, pastel colours, photorealistic, realistic,"
        " hyperrealistic, hand-drawn, hand drawn, flat design, flat illustration,"
        " collage, documentary, documentary style, dreamy, moody, gritty, surreal,"
        " abstract, whimsical, cozy, cosy, grainy, film grain, warm light, golden hour,"
        " soft light, low key, high key, vintage film, 60s, 70s, 80s, 90s, sixties,"
        " seventies, eighties, nineties, felt, paper cutout, children's book, storybook,"
        " picture book, studio lighting, natural light, dramatic light, muted colors,"
        " muted colours, bright colors, bright colours, vibrant colors, warm colors, warm"
        " colours, cold colors, high contrast, shallow depth of field, bokeh, elegant,"
        " luxurious, scandinavian, playful, dark and moody, warm tones, cool tones, earth"
        " tones, silhouette, stained glass, crayon, chalk, gouache, linocut, woodcut,"
        " embroidery, knitted, vector art, white background, black background, gray"
        " background, grey background, plain background, blue background, pink"
        " background, green background, clean background, hyper realistic, colorful,"
        " colourful, candlelight, foggy, misty, sunny, epic, dark, funny, lively, quiet"
    },
    de={
        True: "aquarell, schwarzweiss, schwarz weiss, schwarz-weiss, olgemalde, zeichentrick,"
        " filmisch, bleistiftzeichnung, goldene stunde, warmes licht, pastellfarben,"
        " gezeichnet, knete"
    },
    fr={
        True: "aquarelle, noir et blanc, peinture a l'huile, dessin anime, cinematographique,"
        " lumiere douce, lumiere chaude, pate a modeler, couleurs pastel"
    },
    es={
        True: "acuarela, blanco y negro, oleo, dibujos animados, cinematografico, luz calida,"
        " plastilina, colores pastel"
    },
    it={
        True: "acquerello, bianco e nero, olio, cartone animato, cinematografico, luce calda,"
        " colori pastello"
    },
    pt={
        True: "aquarela, aguarela, preto e branco, oleo, desenho animado, cinematografico, luz"
        " quente, cores pastel"
    },
)
_STYLE_NOUNS = one_of(
    "style look aesthetic light lighting mood tone tones feel feeling vibe vibes colors colours"
    " palette atmosphere stil stimmung licht farben ambiance lumiere couleurs estilo luz"
    " colores stile luce colori cores animation film"
)
_STYLE_ENDS = one_of(
    "style look aesthetic mood feel vibe vibes palette atmosphere stil stimmung ambiance estilo"
    " stile atmosfera lighting light tones colors colours background grain"
)
_LABELS = one_of(
    "style look mood tone stil stimmung ambiance estilo stile atmosphere aesthetic vibe"
)
_MAKE_IT = (
    "make it",
    "keep it",
    "should be",
    "should feel",
    "it should feel",
    "feel",
    "look",
    "should look",
    "feels",
    "looks",
    "all in",
    "everything in",
    "shot in",
    "shot on",
    "filmed",
    "drawn in",
    "drawn as",
    "painted in",
    "rendered in",
    "rendered as",
    "in the style of",
    "im stil von",
    "dans le style de",
    "al estilo de",
    "nello stile di",
    "no estilo de",
)
_CAMERAS: Phrases[bool] = Phrases(
    en={
        True: "slow motion, slow-motion, slowmo, slow-mo, slow mo, handheld, hand-held, handheld"
        " camera, slow zoom, slow zoom in, zoom in, zooming in, zoom out, slow push-in,"
        " push-in, push in, dolly in, dolly out, dolly, tracking shot, slow pan, panning,"
        " drone shots, drone camera, aerial view, top-down, top down, bird's eye view,"
        " birds eye view, time-lapse, timelapse, time lapse, steadicam, static camera,"
        " camera is still, fixed camera, locked camera, camera moves slowly, one take,"
        " single take, one continuous shot, one shot, slow camera, orbiting camera, pov,"
        " slow orbit, crane shot, macro, camera still, fast cuts, quick cuts, whip pans,"
        " ken burns, ken burns effect, gentle movement, slow movement, slow camera"
        " movement, low angle"
    },
    de={
        True: "zeitlupe, zeitraffer, langsamer zoom, drohnenaufnahme, drohnenaufnahmen,"
        " handkamera, langsame kamerafahrt, kamerafahrt, feste kamera, langsame kamera"
    },
    fr={
        True: "ralenti, au ralenti, zoom lent, travelling, vue aerienne, camera fixe, camera a"
        " l'epaule"
    },
    es={
        True: "camara lenta, zoom lento, vista aerea, camara fija, camara en mano, plano secuencia"
    },
    it={
        True: "al rallentatore, rallentatore, zoom lento, vista aerea, camera fissa, camera a mano"
    },
    pt={True: "camera lenta, zoom lento, vista aerea, camera fixa, camera na mao"},
)
_TRANSITIONS: Phrases[str] = Phrases(
    en={
        "wipeleft": "wipe, wipes, with a wipe, wipe transition, wipe left, wipe transitions,"
        " wiping",
        "wiperight": "wipe right, wipe to the right",
        "slideup": "slide up, slide transition, sliding transition, slide transitions",
        "slidedown": "slide down",
        "dissolve": "dissolve, dissolves, soft dissolves, cross dissolve, cross-dissolve,"
        " dissolving, crossfade, crossfades, cross-fade, cross fade, cross fades, morph"
        " transition, blend into each other, melt into each other, soft transitions,"
        " smooth transitions, soft transition, smooth transition, gentle transitions",
        "fade": "fade, fades, fading, soft fades, fade between, fade transition, fade"
        " transitions, fade in, fade out, fade to black, fade to white, fades in between,"
        " soft fade, faded in",
    },
    de={
        "dissolve": "uberblendung, uberblendungen, weiche ubergange, weiche uberblendung, weich"
        " uberblendet",
        "wipeleft": "wischblende, wisch",
        "fade": "abblende, ausblenden, einblenden, blende",
    },
    fr={
        "dissolve": "fondu enchaine, fondus enchaines",
        "fade": "fondu, fondus, fondu au noir",
        "wipeleft": "volet, balayage",
    },
    es={
        "dissolve": "disolvencia, fundido encadenado",
        "fade": "fundido, fundidos, fundido a negro",
        "wipeleft": "cortinilla",
    },
    it={
        "dissolve": "dissolvenza incrociata, dissolvenze incrociate",
        "fade": "dissolvenza, dissolvenze",
        "wipeleft": "tendina",
    },
    pt={"dissolve": "fusao, fusoes", "fade": "esmaecer, fade", "wipeleft": "cortina"},
)
_BEATS: Phrases[bool] = Phrases(
    en={
        True: "cuts on the beat, cut on the beat, on the beat, to the beat, cut to the beat, cuts"
        " to the beat, on beat, beat-synced, beat synced, synced to the beat, synced to"
        " the music, in sync with the music, cut to the music, edited to the beat, edited"
        " to the music, in time with the music, in rhythm, to the rhythm, beat sync, on"
        " every beat, cuts on beat, synced with the beat, matching the beat, follow the"
        " beat, following the beat, cuts follow the music, cuts on the music, on the drum"
        " hits, cuts match the beat"
    },
    de={
        True: "im takt, auf den takt, zum takt, schnitte im takt, im rhythmus, auf den beat, zum"
        " beat"
    },
    fr={True: "sur le rythme, au rythme, en rythme, sur le beat, coupes en rythme"},
    es={True: "al ritmo, al compas, cortes al ritmo, con el ritmo"},
    it={True: "a ritmo, a tempo di musica, sul ritmo, tagli a tempo, sul beat"},
    pt={True: "no ritmo, na batida, cortes no ritmo, ao ritmo"},
)
_LEADS = one_of(
    "in with a an as all and im mit en avec con em com un une uno una als wie comme como come"
    " shot on filmed the style of very really super quite soft nice beautiful look"
)


@dataclass(frozen=True, slots=True)
class Looks:
    style: str = ""
    camera: str = ""
    transition: str = ""
    on_the_beat: bool = False


def looks_of(words: Words) -> Looks:
    """Style, camera and cuts; what says them on its own is claimed, adjectives of a thing in the
    picture stay where they are ("a neon city") and count as style too."""
    beat = False
    for match in list(_BEATS.find(words)):
        beat = True
        words.claim(match.i, match.j)
    transition = _transition(words)
    styles: list[str] = []
    _labeled(words, styles)
    _styles(words, styles)
    cameras: list[str] = []
    for match in list(_CAMERAS.find(words)):
        if words.is_claimed(match.i):
            continue
        i = match.i
        while words.at(i - 1) in one_of("with a an in slow and mit en avec con"):
            i -= 1
        if _is_alone(words, i, match.j):
            cameras.append(words.source(match.i, match.j))
            words.claim(i, match.j)
    return Looks(
        style=", ".join(dict.fromkeys(styles))[:300],
        camera=", ".join(dict.fromkeys(cameras))[:200],
        transition=transition,
        on_the_beat=beat,
    )


def _transition(words: Words) -> str:
    found = ""
    for match in list(_TRANSITIONS.find(words)):
        if words.is_claimed(match.i):
            continue
        i, j = match.i, match.j
        while words.at(i - 1) in one_of(
            "with a an soft slow gentle and mit use by simple nice avec con using smooth em com"
        ):
            i -= 1
        if words.at(j) in one_of("between transition transitions effect from zwischen"):
            while j < len(words) and words.at(j) not in CLAUSE_ENDS and j - match.j < 6:
                j += 1
        alone = _is_alone(words, i, j)
        # "the light fades" is a scene; "with a fade" is a transition.
        if alone or (
            words.at(match.i - 1) in ("with", "a") and words.at(match.i) not in ("fading",)
        ):
            found = found or match.value
            words.claim(i, j)
    return found


def _labeled(words: Words, styles: list[str]) -> None:
    for at in range(1, len(words) - 1):
        if (
            words.word[at] == ":"
            and words.at(at - 1) in _LABELS
            and (
                at == 1
                or words.at(at - 2) in CLAUSE_ENDS
                or words.at(at - 2) in ("visual", "overall")
            )
        ):
            last = at + 1
            while last < len(words) and words.at(last) not in ("\n", ".", ";"):
                last += 1
            said = words.rest(at + 1, last).strip(" ,")
            if said:
                styles.append(said)
            words.claim(at - 1, last)


def _styles(words: Words, styles: list[str]) -> None:
    for clause in clauses(words):
        source = words.source(clause.i, clause.j).lower()
        lead = next((said for said in _MAKE_IT if source.startswith(said + " ")), "")
        last = words.at(clause.j - 1)
        is_look = last in _STYLE_ENDS and clause.j - clause.i <= 6 and not _has_verb(words, clause)
        if (is_look or (lead and lead not in ("filmed", "look"))) and words.is_free(
            clause.i, clause.j
        ):
            said = words.source(clause.i, clause.j)
            if lead and not lead.startswith(
                ("in the style", "im stil", "shot on", "dans", "al ", "nello", "no ")
            ):
                said = said[len(lead) :]
            styles.append(_without_lead(said))
            words.claim(clause.i, clause.j)
    for match in list(_STYLES.find(words)):
        if words.is_claimed(match.i):
            continue
        i, j = match.i, match.j
        word = words.source(match.i, match.j)
        while words.at(j) in _STYLE_NOUNS and words.at(j) not in ("film",):
            j += 1
        if words.at(j) == "painting" or words.at(j) == "illustration":
            j += 1
        while words.at(i - 1) in _LEADS and not words.is_claimed(i - 1):
            i -= 1
        led = words.at(match.i - 1) in one_of("in im en als as em") or (
            words.at(match.i - 2) in one_of("in as en im als") and words.at(match.i - 1) in _LEADS
        )
        if (
            led and (j >= len(words) or not words.is_word(j) or words.at(j) in _AFTER_STYLE)
        ) or _is_alone(words, i, j):
            styles.append(word if j == match.j else words.source(match.i, j))
            words.claim(i, j)
        elif words.at(j) in _PRODUCTS:
            styles.append(words.source(match.i, j))
            words.claim(match.i, j)
        elif words.at(match.i) in _TELLING or word.lower() == "comic strip":
            styles.append(word)


_AFTER_STYLE = one_of(
    "with and for mit und fur avec et pour con y para e per com style please about of showing to"
)
# Said of a thing, these words also tell how the whole is to look.
_TELLING = one_of(
    "neon watercolor watercolour anime noir vintage retro cyberpunk pastel stop claymation pixel"
    " manga steampunk vaporwave 16mm 35mm 8mm origami papercut collage monochrome sepia"
    " low 3d"
)
_PRODUCTS = one_of(
    "video film clip teaser trailer ad movie short spot reel slideshow animation commercial promo"
    " storyboard explainer music documentary portrait poster illustration"
)
_VERBS = one_of("is are was goes shows walks runs comes turns falls shines holds makes has")


def _has_verb(words: Words, clause: object) -> bool:
    i, j = clause.i, clause.j  # type: ignore[attr-defined]
    return any(words.at(at) in _VERBS for at in range(i, j)) or words.at(i) in ("the", "a", "an")


def _is_alone(words: Words, i: int, j: int) -> bool:
    """Whether [i, j) is between marks, joins or claimed words."""
    return _is_edge(words, i - 1) and _is_edge(words, j)


def _is_edge(words: Words, at: int) -> bool:
    if at < 0 or at >= len(words) or words.is_claimed(at):
        return True
    word = words.at(at)
    if word in one_of("and und et y e & with mit avec con com but please"):
        # "black and white" is one phrase by now; "and" joins it with another clause.
        return True
    return not words.is_word(at)


def _without_lead(said: str) -> str:
    parts = said.split()
    while parts and parts[0].lower() in one_of(
        "in a an with like and be very the it feel look nice"
    ):
        parts = parts[1:]
    return " ".join(parts) or said
