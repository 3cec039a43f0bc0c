"""The words by which people ask for changes to a picture. Data only; `instructions` reads with it.

Patterns are matched against lower-case text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from studio.media.text import words_of


class Dial(NamedTuple):
    """A property with two directions. nouns: what is turned up or down; up, down: adjectives and
    verbs that say the direction by themselves."""

    nouns: str
    up: str
    down: str


DIALS: Mapping[str, Dial] = {
    "exposure": Dial(
        r"brightness|exposure|light(?:ness)?\b(?! rays?| leaks?| beams?)|luminance",
        r"bright(?:er|en\w*)?\b|lighter|lighten\w*|too dark|underexposed|illuminat\w+|well.?lit",
        r"dark(?:er|en\w*)?\b|dim(?:mer|med)?\b|too bright|overexposed|gloom\w*",
    ),
    "contrast": Dial(
        r"contrast|punch\b|tonal range|depth\b",
        r"contrasty|punch(?:y|ier)|pop\b|dramatic(?:ally)? lit|hdr\b",
        r"flat(?:ter)?\b|low.?contrast",
    ),
    "saturation": Dial(
        r"saturation|colou?rs?\b|vibrance|vividness|colou?rfulness",
        r"vivid|vibrant|saturated?\b|colou?rful|rich(?:er)?\b",
        r"desaturat\w+|muted|dull(?:er)?\b|pal(?:e|er)\b|washed.?out|faded?\b|subdued",
    ),
    "warmth": Dial(
        r"warmth|temperature|colou?r temperature",
        r"warm(?:er|ed|ing)?\b|cos(?:y|ier)\b",
        r"cool(?:er|ed|ing)?\b|cold(?:er)?\b|chill\w*",
    ),
    "sharpness": Dial(
        r"sharpness|details?\b|clarity|focus\b|definition|texture\b",
        r"sharp(?:er|en\w*)?\b|crisp(?:er)?\b|clear(?:er)?\b|in focus",
        r"soft(?:er|en\w*)?\b|out of focus|dreamier",
    ),
}
LESS = re.compile(
    r"\b(?:less|reduc\w+|decreas\w+|lower\w*|tone down|turn down|drop|cut|not so|minus|weaken)\b"
)
MORE = re.compile(
    r"\b(?:more|increas\w+|boost\w*|rais\w+|higher|strong(?:er)?|add|up|enhanc\w+|improv\w+|lift|"
    r"deepen|plus|extra|intensif\w+)\b"
)

# What the air, the hour or the season becomes.
AIRS: Mapping[str, str] = {
    "night": r"(?:at |by )?night(?:time|fall)?\b|midnight|moonlit|starry night",
    "blue hour": r"blue hour|twilight",
    "golden": r"golden hour|golden light|magic hour|(?:evening|late afternoon) (?:light|sun)",
    "sunset": r"sunset|dusk\b|sundown",
    "sunrise": r"sunrise|dawn\b|early morning|morning light",
    "day": r"(?:bright )?daylight|daytime|midday|noon\b|sunny|sunlit|sunshine|blue sky",
    "winter": r"winter\w*|snow(?:y|ing|fall|ed)?\b|blizzard|frost\w*|icy\b",
    "autumn": r"autumn\w*|fall colou?rs|fall (?:season|foliage)|in fall\b",
    "spring": r"spring(?:time)?\b|blossoms?\b|cherry blossom",
    "summer": r"summer\w*",
    "rain": r"rain(?:y|ing|fall)?\b|drizzle|downpour|wet day",
    "storm": r"storm(?:y)?\b|thunderstorm|overcast|cloudy day|gloomy weather",
    "fog": r"fog(?:gy)?\b|mist(?:y)?\b|haz(?:e|y)\b|smok[ey]\b",
    "petals": r"petals|sakura",
    "leaves": r"(?:falling|flying|swirling) leaves",
    "confetti": r"confetti",
    "bubbles": r"(?:soap )?bubbles",
    "embers": r"embers|sparks\b",
    "fireflies": r"fireflies",
    "dust": r"dust (?:motes|particles)|floating dust",
}

# What of a season or weather is in the air.
FALLS: Mapping[str, str] = {
    "winter": "snow",
    "rain": "rain",
    "storm": "rain",
    "autumn": "leaves",
    "spring": "petals",
}
# Those that are a time of day; the others are seasons and weather.
HOURS = frozenset({"night", "blue hour", "golden", "sunset", "sunrise", "day"})

EFFECTS: Mapping[str, str] = {
    "vignette": r"vignett\w*|dark(?:en\w*)? (?:the )?(?:edges|corners)",
    "grain": r"(?:film )?grain\b|grainy",
    "glow": r"glow\w*|bloom\b|soft light|dreamy",
    "flare": r"(?:lens|sun) flares?|flare\b",
    "rays": r"(?:light|sun|god) ?rays|sunbeams?|light beams?|volumetric light\w*|light shafts?",
    "leak": r"light leaks?",
    "bokeh": r"bokeh",
    "stars": r"stars\b|starry sky",
    "rainbow": r"rainbow",
    "pixelate": r"pixelat\w+|censor\w*|mosaic out",
    "posterise": r"posteri[sz]e\w*",
    "invert": r"invert\w*|negative (?:colou?rs|image|film)|as a negative",
    "solarise": r"solari[sz]e\w*",
    "denoise": r"denois\w+|de-noise|noise reduction|(?:remove|reduce|less|clean(?: up)?)\b.*"
    r"\b(?:noise|grain|artifacts|artefacts)|smooth out noise",
    "dehaze": r"dehaze\w*|(?:remove|clear|reduce|less)\b.*\b(?:haze|fog|mist|smoke)",
    "mend": r"(?:remove|fix|clean|repair)\b.*\b(?:scratch\w*|dust|specks?|blemish\w*|spots?)",
    "sepia": r"sepia",
    "grey": r"black.?and.?white|black & white|b&w|\bbw\b|monochrome|gr[ae]yscale|"
    r"(?:remove|without|no) (?:the |all )?colou?rs?\b",
    "smooth skin": r"(?:smooth\w*|retouch\w*|soften)\b.*\bskin|skin (?:smoothing|retouch\w*)",
    "balance": r"white.?balance|colou?r (?:correct\w*|balance|cast)|fix (?:the )?colou?rs|"
    r"natural colou?rs",
    "enhance": r"(?:auto.?)?enhance\w*|improve\w*|"
    r"make (?:it|this) (?:look )?(?:better|nicer|great)|"
    r"touch.?up|retouch\w*|professional(?:ly)?\b|fix (?:it|this|the (?:photo|picture|image))|"
    r"higher quality|better quality|polish(?:ed)?\b",
    "tilt shift": r"tilt.?shift|miniature (?:look|effect)|toy town",
    "letterbox": r"letterbox\w*|cinema(?:tic)? bars|black bars",
}

PLACES: Mapping[str, tuple[float, float]] = {
    "top left": (0.0, 0.0),
    "upper left": (0.0, 0.0),
    "top right": (1.0, 0.0),
    "upper right": (1.0, 0.0),
    "bottom left": (0.0, 1.0),
    "lower left": (0.0, 1.0),
    "bottom right": (1.0, 1.0),
    "lower right": (1.0, 1.0),
    "top": (0.5, 0.0),
    "bottom": (0.5, 1.0),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
    "center": (0.5, 0.5),
    "centre": (0.5, 0.5),
    "middle": (0.5, 0.5),
}

# Regions with a name of their own; anything else is looked for by its color or drawing.
REGIONS: Mapping[str, str] = {
    "left half": r"left (?:half|side|part)",
    "right half": r"right (?:half|side|part)",
    "top half": r"(?:top|upper) (?:half|part|portion)|\btop of the (?:picture|image|photo)",
    "bottom half": r"(?:bottom|lower) (?:half|part|portion)|"
    r"\bbottom of the (?:picture|image|photo)",
    "top third": r"(?:top|upper) third",
    "bottom third": r"(?:bottom|lower) third",
    "left third": r"left third",
    "right third": r"right third",
    "top": r"(?:at )?the (?:very )?top\b",
    "bottom": r"(?:at )?the (?:very )?bottom\b",
    "left": r"(?:on |at )?the left\b",
    "right": r"(?:on |at )?the right\b",
    "edges": r"(?:the )?(?:edges|borders|outside)\b",
    "corners": r"(?:the )?corners\b",
    "middle": r"(?:the )?(?:middle|cent(?:er|re))\b",
    "sky": r"(?:the )?sk(?:y|ies)\b|(?:the )?clouds\b",
    "background": r"(?:the )?(?:back(?:ground|drop)|surroundings|everything (?:else|around)|"
    r"(?:all )?behind (?:her|him|it|them|the \w+))",
    "subject": r"(?:the )?(?:subject|foreground|main (?:object|subject)|person|people|"
    r"character|figure|product|model)\b",
    "face": r"(?:the |her |his |their )?faces?\b",
    "skin": r"(?:the |her |his |their )?skin\b",
    "shadows": r"(?:the )?(?:shadows|dark (?:areas|parts)|darks|blacks)\b",
    "highlights": r"(?:the )?(?:highlights|bright (?:areas|parts)|lights\b|whites)\b",
    "ground": r"(?:the )?(?:ground|floor|grass|lawn|sand|road|street|field|water|sea|lake)\b",
}
# Nouns that mean all of it.
WHOLE = re.compile(
    r"\b(?:it|this|that|picture|image|photo(?:graph)?|scene|whole|entire|everything|overall|"
    r"lighting|light|colou?rs?|tones?|mood|atmosphere|look|feel|shot|version|style)\b"
)

# How a clause starts that asks for something: a new instruction and no part of the one before.
IMPERATIVES = words_of(
    """
    make add change turn replace remove crop rotate flip mirror blur sharpen brighten darken lighten
    increase decrease reduce raise lower boost convert apply put place write set give keep zoom
    extend straighten desaturate saturate warm cool tint recolor recolour paint colour color erase
    delete cut insert overlay draw swap use transform adjust enhance improve fix trim resize
    scale soften smooth denoise frame level expand outpaint leave preserve don't do tilt clean
    combine merge blend show let render get hide take pixelate posterize posterise invert vignette
    """
)
FILLER = re.compile(
    r"^(?:please|now|just|can you|could you|would you|i want(?: you)? to|i'd like(?: you)? to|"
    r"and|then|also|finally|first|next|lastly|but|"
    r"edit (?:the|this) (?:photo|picture|image) (?:to|so)|"
    r"change (?:the|this) (?:photo|picture|image) (?:to|so)(?: that)?)\s+"
)
