"""Styles of music: tempo, key, instruments, and what happens in each section. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from compose.writers.wording import word_set


@dataclass(frozen=True, slots=True)
class MusicStyle:
    """words: what names it, folded. tempo: beats a minute, slowest and fastest. minor: its usual
    mode. timesig: beats in a bar. instruments: the base, the rhythm, the lead and the color, as
    they enter. drums: whether it has a beat.
    """

    name: str
    words: str
    tempo: tuple[int, int]
    minor: bool
    instruments: tuple[str, str, str, str]
    timesig: int = 4
    drums: bool = True


STYLES: Final = (
    MusicStyle(
        "lo-fi",
        "lofi lo-fi chillhop study dusty chill cozy gemutlich",
        (72, 84),
        True,
        ("warm electric piano", "dusty brushed drums", "muted guitar", "vinyl crackle"),
    ),
    MusicStyle(
        "synthwave",
        "synthwave retrowave vaporwave eighties 80s neon retro cyberpunk",
        (90, 106),
        True,
        ("analog synth pad", "gated drums with a pulsing bass", "bright synth lead", "arpeggio"),
    ),
    MusicStyle(
        "drum and bass",
        "dnb drum-and-bass jungle breakbeat liquid",
        (170, 174),
        True,
        ("airy pad", "fast breakbeat with a deep sub bass", "plucked synth", "distant bells"),
    ),
    MusicStyle(
        "techno",
        "techno industrial trance rave warehouse acid",
        (124, 132),
        True,
        ("dark drone", "four-on-the-floor kick with offbeat bass", "acid line", "metal percussion"),
    ),
    MusicStyle(
        "dance",
        "house edm dance disco club party festival electro electronic tanz fiesta fete",
        (120, 128),
        False,
        ("bright chords", "four-on-the-floor kick with claps", "synth lead", "rising noise"),
    ),
    MusicStyle(
        "jazz",
        "jazz jazzy swing bebop bossa lounge blues bluesy saxophone noir",
        (104, 132),
        False,
        ("piano chords", "brushed drums with a walking bass", "saxophone", "muted trumpet"),
    ),
    MusicStyle(
        "hip-hop",
        "hip-hop hiphop trap rap drill boom-bap 808 r&b rnb",
        (80, 94),
        True,
        ("dark electric piano", "sparse drums with a deep 808 bass", "bell melody", "vocal chops"),
    ),
    MusicStyle(
        "fado",
        "fado",
        (76, 92),
        True,
        ("nylon guitar", "soft bass guitar", "twelve-string Portuguese guitar", "quiet strings"),
        drums=False,
    ),
    MusicStyle(
        "waltz",
        "waltz walzer valse vals waltzing",
        (88, 104),
        False,
        ("piano", "light bass and brushes", "violin", "clarinet"),
        timesig=3,
    ),
    MusicStyle(
        "lullaby",
        "lullaby wiegenlied schlaflied berceuse nana cradle sleep einschlafen dormir",
        (60, 72),
        False,
        ("celesta", "soft harp", "flute", "warm strings"),
        timesig=3,
        drums=False,
    ),
    MusicStyle(
        "trailer",
        "trailer epic epik heroic battle blockbuster orchestral orchestra symphonic fantasy drum"
        " drums taiko",
        (84, 100),
        True,
        ("low strings", "taiko drums with low hits", "brass", "choir"),
    ),
    MusicStyle(
        "rock",
        "rock punk metal grunge indie guitar-driven band",
        (112, 136),
        False,
        ("electric guitar chords", "driving drums with bass", "lead guitar", "organ"),
    ),
    MusicStyle(
        "flamenco",
        "flamenco bulerias rumba",
        (96, 120),
        True,
        ("strummed nylon guitar", "hand claps and box drum", "lead flamenco guitar", "footwork"),
    ),
    MusicStyle(
        "folk",
        "folk acoustic country guitar gitarre guitare guitarra campfire ukulele celtic banjo",
        (88, 108),
        False,
        ("fingerpicked acoustic guitar", "shaker and soft bass", "violin", "harmonica"),
    ),
    MusicStyle(
        "latin",
        "latin salsa reggaeton cumbia tango bachata samba",
        (92, 104),
        True,
        ("nylon guitar", "congas and clave with bass", "trumpets", "hand claps"),
    ),
    MusicStyle(
        "chiptune",
        "chiptune 8-bit 8bit arcade videogame game",
        (126, 148),
        False,
        ("square wave chords", "noise drums", "square wave lead", "fast arpeggios"),
    ),
    MusicStyle(
        "ambient",
        "ambient drone meditation meditative ethereal dreamy soundscape calm relaxing spa floating"
        " yoga ruhig calme tranquilo still",
        (60, 70),
        False,
        ("slow evolving pad", "soft low pulse", "distant bell tones", "air and texture"),
        drums=False,
    ),
    MusicStyle(
        "piano",
        "piano klavier classical ballad solo sonata nocturne tender intimate ballade",
        (66, 82),
        False,
        ("soft felt piano", "slow low strings", "piano melody", "cello"),
        drums=False,
    ),
    MusicStyle(
        "cinematic",
        "cinematic film score documentary soundtrack emotional inspiring suspense tension dramatic"
        " drama perfume luxury elegant filmisch",
        (72, 90),
        True,
        ("piano", "pulsing strings with soft low drums", "solo cello", "wide string pads"),
    ),
    MusicStyle(
        "pop",
        "pop upbeat corporate funk funky commercial advertising jingle summer cheerful happy sommer"
        " frohlich verano ete",
        (102, 118),
        False,
        ("electric piano", "tight drums with a round bass", "bright synth lead", "hand claps"),
    ),
)
# For songs and pieces whose words name no style.
SONG: Final = next(style for style in STYLES if style.name == "pop")
PIECE: Final = next(style for style in STYLES if style.name == "cinematic")

MINOR_WORDS: Final = word_set(
    """
    sad dark moody melancholy melancholic lonely night tense mysterious haunting gloomy brooding
    noir eerie ominous suspense minor tragic goodbye farewell loss lost miss missing tears rain
    traurig dunkel einsam nacht abschied regen vermisse triste sombre nuit adieu pluie seul
    noche adios lluvia solo solitario
    """
)
# Of a song that mourns: a minor key alone doesn't make one.
SAD_WORDS: Final = word_set(
    """
    sad lonely melancholy melancholic goodbye farewell loss lost missing tears tragic leaving gone
    heartbreak traurig einsam abschied vermisse verloren triste adieu seul perdu adios perdido
    solitario
    """
)
MAJOR_WORDS: Final = word_set(
    """
    happy upbeat joyful bright cheerful uplifting hopeful sunny playful triumphant warm summer
    inspiring festive major optimistic birthday wedding love fun funny glucklich frohlich sommer
    hell liebe geburtstag hochzeit heureux joyeux soleil amour anniversaire feliz alegre sol
    amor cumpleanos verano
    """
)
SLOW_WORDS: Final = word_set(
    """
    slow slowly calm gentle relaxed sleepy mellow peaceful tender soft quiet langsam ruhig sanft
    zart lent doux calme lento suave tranquilo
    """
)
FAST_WORDS: Final = word_set(
    """
    fast quick energetic driving frantic intense urgent running hyper power schnell wild
    energisch rapide vite rapido energico
    """
)
