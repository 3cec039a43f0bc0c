"""The grammar of film: which words say something about light, framing, lens, camera and sound.

A writer adds an aspect only where the person's words are silent about it. Terms that are added are
English: image and video models were taught on English captions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from compose.writers.wording import folded

# By aspect, what shows that the words already say something about it, folded; English first, then
# German, French and Spanish where their words differ. A `*` stands for any ending.
_SAYS: Final[Mapping[str, str]] = {
    "light": """
        light lights lighting lit sunlight sunlit daylight moonlight moonlit candlelight candlelit
        lamplight firelight neon glow glowing backlit backlight silhouette* shadow* low-key high-key
        chiaroscuro softbox spotlight* projecteur scheinwerfer foco
        rim-light golden-hour blue-hour sunbeam* overexposed
        licht* gegenlicht beleuchtet schatten lumiere* eclairage ombre* luz luces sombra*
    """,
    "framing": """
        close-up closeup close-ups macro portrait headshot wide-shot wide-angle establishing aerial
        overhead birds-eye bird's-eye top-down low-angle high-angle eye-level full-body full-length
        medium-shot long-shot two-shot over-the-shoulder panorama panoramic flat-lay pov nahaufnahme
        totale vogelperspektive gros-plan plan-large primer-plano plano-general cenital
    """,
    "lens": """
        lens lenses bokeh anamorphic fisheye telephoto macro tilt-shift depth-of-field 24mm 28mm
        35mm 50mm 85mm 100mm 135mm f/1.4 f/1.8 f/2.8 objektiv objectif
    """,
    "camera": """
        camera pan pans panning tilt tilts tilting dolly zoom zooms zooming push-in pull-back
        pull-out tracking orbit orbits orbiting handheld hand-held steadicam gimbal crane drone
        static-shot locked-off fixed-camera timelapse time-lapse hyperlapse flythrough fly-through
        fpv kamera* kamerafahrt schwenk* zoomt drohne* travelling panoramique camara dron
    """,
    "sound": """
        sound sounds audio music song dialogue says saying whispers voice voices voice-over
        voiceover narration narrated silent silence mute noise soundtrack score ambience sings
        ton musik stimme stumm geraeusch* musique voix muet sonido musica voz silencio
    """,
    "style": """
        photo photograph photography photorealistic realistic cinematic film-still anime manga
        cartoon comic illustration illustrated painting painted watercolor watercolour gouache
        acrylic sketch drawing pencil charcoal ink pixel-art voxel vector lineart line-art
        render 3d cgi claymation clay stop-motion papercut origami low-poly documentary noir
        vintage retro polaroid 16mm 8mm super-8 vhs isometric woodcut engraving mosaic collage
        surreal minimalist impressionist cubist bauhaus ghibli fresco ukiyo-e aquarell gemalde
        zeichnung aquarelle peinture dessin acuarela pintura dibujo olgemalde
    """,
    "composition": """
        centered symmetrical symmetry rule-of-thirds negative-space leading-lines
        composition framed diagonal foreground background backdrop hintergrund vordergrund
        arriere-plan fondo
    """,
}
_PHRASES: Final[Mapping[str, str]] = {
    "framing": r"\b(?:close|wide|medium|long|full|two|establishing|tight|extreme)[ -](?:up|shot|"
    r"angle|body)|bird'?s[ -]eye|(?:low|high|eye)[ -](?:angle|level)|from (?:above|below|behind)|"
    r"top[ -]down|point of view|over[ -]the[ -]shoulder",
    "lens": r"depth of field|\b\d{2,3} ?mm\b|\bf/?\d",
    "camera": r"push(?:es|ing)?[ -]in|pull(?:s|ing)?[ -](?:back|out)|time[ -]?lapse|"
    r"\b(?:static|locked|fixed) (?:shot|camera|frame)|\bone take\b|slow[ -]motion",
    "light": r"golden hour|blue hour|\bhigh[ -]key|\blow[ -]key",
    "style": r"pixel art|line art|oil paint|stop[ -]motion|in the style of|\blook\b|\bstyle\b|"
    r"film noir|3d render|art (?:deco|nouveau)",
    "composition": r"rule of thirds|negative space|leading lines|white background|"
    r"(?:black|white|plain|gr[ae]y) (?:back(?:ground|drop)|seamless)",
    "sound": r"\bno sound\b|without sound|\"[^\"]+\"|“[^”]+”|„[^“”]+[“”]|«[^»]+»",
}


def _matcher(aspect: str) -> re.Pattern[str]:
    words = "|".join(
        re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "")
        for word in _SAYS[aspect].split()
    )
    phrases = _PHRASES.get(aspect)
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])" + (f"|{phrases}" if phrases else ""))


_MATCHERS: Final = {aspect: _matcher(aspect) for aspect in _SAYS}
ASPECTS: Final = tuple(_SAYS)


# Where someone looks says nothing of what the camera does.
_AT_THE_CAMERA = re.compile(
    r"\b(?:at|to|into|towards?|facing|in die|a la|hacia la|vers la) (?:the )?"
    r"(?:camera|kamera|lens)\b"
)


def said(text: str) -> frozenset[str]:
    """The aspects that the words say something about, of `ASPECTS`."""
    plain = _AT_THE_CAMERA.sub(" ", folded(text))
    return frozenset(aspect for aspect, found in _MATCHERS.items() if found.search(plain))


# Media without a lens in front of them: film terms would contradict them.
_DRAWN = re.compile(
    r"(?<![\w-])(?:anime|manga|cartoon|comic|illustrat\w*|paint\w*|watercolou?r|gouache|acrylic|"
    r"sketch\w*|drawing|drawn|pencil|charcoal|ink|pixel[ -]art|voxel|vector|line[ -]?art|isometric|"
    r"low[ -]poly|papercut|origami|woodcut|engraving|mosaic|collage|ukiyo-e|fresco|ghibli|"
    r"aquarell\w*|gemalde|olgemalde|zeichnung|dessin|peinture|acuarela|pintura|dibujo)(?![\w-])"
)
_GRAPHIC = re.compile(
    r"(?<![\w-])(?:logo\w*|icon|icons|emoji|typograph\w*|lettering|infographic|diagram|chart|"
    r"pattern|wallpaper pattern|sticker|poster design|ui|wireframe|monogram)(?![\w-])"
)


def is_drawn(text: str) -> bool:
    """Whether it is to look drawn or painted."""
    return bool(_DRAWN.search(folded(text)))


def is_graphic(text: str) -> bool:
    """Whether it is a logo, an icon or lettering, which has neither light nor a camera."""
    return bool(_GRAPHIC.search(folded(text)))


# When and in what weather it is, and the light that goes with it.
_HOURS: Final[tuple[tuple[str, str], ...]] = (
    (
        "underwater|undersea|reef|unterwasser|sous-marin\\w*|submarin\\w*",
        "shafts of light falling through the water",
    ),
    (
        "on the moon|lunar|moonscape|outer space|in space|in orbit|galaxy|nebula|weltraum"
        "|dans l.espace|espacio exterior",
        "hard light from one side against deep black",
    ),
    (
        "cyberpunk|synthwave|neon",
        "colored neon glow with reflections on wet surfaces",
    ),
    (
        "(?:1[01] ?pm|(?:12|[1-4]) ?am)|night|midnight|nachts?|nuit|noche|nocturnal",
        "small warm lamps against deep blue shadows",
    ),
    (
        "sunset|dusk|sundown|sonnenuntergang|abend\\w*|coucher de soleil|atardecer|puesta de sol",
        "low warm light with long shadows and a glowing rim",
    ),
    (
        "dawn|sunrise|daybreak|morning|sonnenaufgang|morgen\\w*|aube|matin|amanecer|manana",
        "low, soft morning light with a light haze",
    ),
    (
        "storm|storms|stormy|thunder\\w*|gewitter|sturm|orage|tempete|tormenta",
        "dark, heavy sky with a bright break at the horizon",
    ),
    ("rain\\w*|drizzle|regen|pluie|lluvia", "soft overcast light with reflections on wet ground"),
    ("fog\\w*|mist\\w*|nebel|brouillard|brume|niebla", "diffuse light that fades with distance"),
    ("snow\\w*|winter|schnee\\w*|neige|hiver|nieve|invierno", "soft, cool winter light"),
    (
        "fire|fires|campfire|firelight|candle\\w*|kerze\\w*|lagerfeuer|bougie\\w*|vela|velas|fireplace",
        "warm flicker of flames with soft falloff into shadow",
    ),
    (
        "stage|theat(?:er|re)|concert|buhne|escenario|sur scene",
        "warm spotlight from above against a dark hall",
    ),
    ("noir|low-key", "hard low-key light with deep shadows"),
    ("horror|creepy|scary|spooky", "cold low-key light with one weak lamp"),
    (
        "dark|gloomy|dunkel\\w*|duster\\w*|sombre|oscur[oa]",
        "dim light from one clear source, deep shadows",
    ),
)
_HOUR_PATTERNS: Final = tuple(
    (re.compile(rf"(?<![\w-])(?:{words})(?![\w-])"), light) for words, light in _HOURS
)


def light_of_the_hour(text: str) -> str:
    """The light that the hour, weather or place in the words brings; "" where none is named."""
    plain = folded(text)
    return next((light for found, light in _HOUR_PATTERNS if found.search(plain)), "")


_NIGHT = re.compile(
    r"(?<![\w-])(?:night|midnight|moonlit|moonlight|nachts?|nuit|noche|stars)(?![\w-])"
)
_DAY = re.compile(r"(?<![\w-])(?:midday|noon|daylight|sunny|mittags?|midi|mediodia)(?![\w-])")


def contradictions(text: str) -> list[str]:
    """Sentences about words that can't both hold in one image."""
    plain = folded(text)
    found = []
    if _NIGHT.search(plain) and _DAY.search(plain):
        found.append("It is both day and night. Name one, or make two scenes.")
    if re.search(r"\bclose[ -]?up\b", plain) and re.search(r"\bwide[ -](?:shot|angle)\b", plain):
        found.append("It is both a close-up and a wide shot. Name one, or make two scenes.")
    if _DRAWN.search(plain) and re.search(r"photoreal\w*|\bphotograph", plain):
        found.append("It is both drawn and photographic. Name one look.")
    if re.search(r"(?:static|fixed|locked)[ -](?:shot|camera)", plain) and re.search(
        r"\bpan(?:s|ning)?\b|\bdolly\b|push[ -]in|\borbit", plain
    ):
        found.append("The camera both stands still and moves. Name one.")
    return found
