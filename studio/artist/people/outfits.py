"""What people wear in each trade. Data only; `appearance` reads it."""

from __future__ import annotations

from studio.media.raster import hex_colour

SKINS = ("f4cdab", "e9b98f", "d6a078", "b07a52", "875a3c")
HAIRS = ("3a2720", "241b1a", "6b4326", "a8662e", "c99a52")

# For a person of whom nothing is said and nothing is drawn at random.
PLAIN_SKIN = hex_colour(SKINS[0])
PLAIN_HAIR = hex_colour(HAIRS[0])
PLAIN_EYES = hex_colour("5a3b22")
PLAIN_MAIN = hex_colour("b5543c")
PLAIN_SECOND = hex_colour("2b3142")
PLAIN_ACCENT = hex_colour("e9d9b4")
PLAIN_SHOES = hex_colour("2a211e")


def _row(**values: object) -> dict[str, object]:
    return values


# What makes a trade or a title plain to see.
OUTFITS: dict[str, dict[str, object]] = {
    "chef": _row(
        top="chef", main="f4f2ec", second="3a3f4a", hat="toque", accent="c8322e", props=("pan",)
    ),
    "knight": _row(
        top="armour",
        main="b9c2cc",
        bottom="armour",
        hat="helm",
        accent="b3262e",
        props=("sword", "shield"),
        shoes="8d96a2",
    ),
    "king": _row(
        top="robe",
        main="a3202c",
        hat="crown",
        accent="f0ece2",
        beard="full",
        extras=("cape", "ermine"),
        props=("sceptre",),
    ),
    "queen": _row(
        top="gown",
        main="6a2f86",
        hat="crown",
        accent="e6c66a",
        style="bun",
        extras=("cape", "ermine"),
    ),
    "princess": _row(top="gown", main="e48ab4", hat="tiara", accent="fbe3ee", style="long"),
    "prince": _row(top="jacket", main="2f5fa8", hat="crown", accent="e6c66a", extras=("cape",)),
    "wizard": _row(
        top="robe",
        main="34408f",
        hat="pointed",
        accent="f0d060",
        beard="long",
        hair="e8e8ea",
        style="long",
        props=("staff",),
        extras=("stars",),
    ),
    "witch": _row(
        top="gown",
        main="33283f",
        hat="pointed",
        accent="8a4fc0",
        style="long",
        hair="8a3a1c",
        props=("broom",),
    ),
    "pirate": _row(
        top="coat",
        main="7c1f2d",
        second="3a2b22",
        hat="tricorne",
        accent="f0e4cc",
        beard="full",
        extras=("patch", "belt"),
        props=("sword",),
        shoes="1b1614",
    ),
    "detective": _row(
        top="coat",
        main="b08d5e",
        second="3a3a40",
        hat="fedora",
        accent="5a4632",
        extras=("belt", "collar"),
        props=("magnifier",),
    ),
    "firefighter": _row(
        top="coat",
        main="3b3a35",
        second="33322e",
        hat="firehelmet",
        accent="f4e04a",
        extras=("stripes",),
        shoes="191817",
    ),
    "doctor": _row(
        top="coat", main="f6f7f8", second="3f6e8f", accent="9cc6d8", extras=("stethoscope", "open")
    ),
    "nurse": _row(top="gown", main="dff0f4", second="dff0f4", accent="d63a3a", hat="nursecap"),
    "scientist": _row(
        top="coat",
        main="f4f5f6",
        second="4a5568",
        accent="8fb8d0",
        extras=("open", "glasses"),
        props=("flask",),
    ),
    "diver": _row(
        top="suit",
        main="26303c",
        second="26303c",
        bottom="suit",
        accent="f2b632",
        extras=("mask", "tank", "fins", "bands"),
    ),
    "skater": _row(
        top="hoodie",
        main="e2703a",
        second="39506e",
        hat="cap",
        accent="2d8f8a",
        shoes="f0ece4",
        props=("board",),
    ),
    "runner": _row(
        top="tank",
        main="e8453c",
        second="22304a",
        bottom="shorts",
        accent="ffffff",
        shoes="f5d547",
        extras=("headband",),
    ),
    "dancer": _row(
        top="leotard",
        main="f0a6c0",
        second="f7cdda",
        bottom="tutu",
        style="bun",
        shoes="f0a6c0",
        accent="fbe3ea",
        woman=True,
    ),
    "musician": _row(
        top="jacket", main="2f3440", second="39506e", accent="e8e2d4", props=("guitar",)
    ),
    "singer": _row(top="gown", main="b8213a", accent="f3d27a", style="long", props=("mic",)),
    "farmer": _row(
        top="overalls", main="3f6597", accent="c8453a", hat="straw", props=("pitchfork",)
    ),
    "cowboy": _row(
        top="jacket",
        main="8a5a34",
        second="39506e",
        hat="cowboy",
        accent="c8322e",
        extras=("bandana", "belt"),
        shoes="5a3820",
    ),
    "samurai": _row(
        top="robe",
        main="2c2f3a",
        accent="b3262e",
        style="topknot",
        props=("sword",),
        extras=("belt",),
    ),
    "ninja": _row(
        top="suit",
        main="20242c",
        second="20242c",
        accent="b3262e",
        hat="ninja",
        extras=("belt",),
        props=("sword",),
    ),
    "monk": _row(top="robe", main="c9762b", accent="8a4a1c", style="bald", extras=("sash",)),
    "police": _row(
        top="jacket",
        main="27395e",
        second="1f2a44",
        hat="police",
        accent="e6c66a",
        extras=("badge", "belt"),
    ),
    "soldier": _row(
        top="jacket", main="5f6b45", second="56613f", hat="cap", accent="3f472d", extras=("belt",)
    ),
    "superhero": _row(
        top="suit",
        main="2f5fc0",
        second="2f5fc0",
        accent="d8322e",
        extras=("cape", "emblem", "belt"),
        shoes="c8322e",
    ),
    "artist": _row(
        top="jacket", main="34507a", second="3a3a40", hat="beret", accent="d8a23a", props=("brush",)
    ),
    "hiker": _row(
        top="jacket",
        main="d9772f",
        second="5a5f4a",
        accent="3a6a8a",
        extras=("backpack",),
        props=("stick",),
        hat="beanie",
    ),
    "explorer": _row(
        top="jacket",
        main="b79a68",
        second="8a6f48",
        hat="fedora",
        accent="5a4632",
        extras=("backpack", "belt"),
    ),
    "teacher": _row(
        top="jacket",
        main="5a6f5a",
        second="4a4238",
        accent="e8dcc2",
        extras=("glasses",),
        props=("book",),
    ),
    "student": _row(
        top="hoodie", main="4a78b8", second="39455e", accent="e8b83a", extras=("backpack",)
    ),
    "business": _row(top="suitjacket", main="2c3444", second="2c3444", accent="b3262e"),
    "bride": _row(top="gown", main="faf6f0", accent="ffffff", style="long", props=("bouquet",)),
    "santa": _row(
        top="coat",
        main="c4262c",
        second="c4262c",
        hat="santa",
        accent="ffffff",
        beard="long",
        hair="f2f2f2",
        extras=("belt", "trim"),
        old=True,
    ),
    "clown": _row(
        top="jacket",
        main="f0c93a",
        second="3a6fc4",
        style="afro",
        hair="e2453a",
        accent="e2453a",
        extras=("rednose",),
    ),
    "viking": _row(
        top="robe",
        main="6b4a30",
        accent="a58a62",
        hat="horned",
        beard="full",
        hair="b86a2e",
        props=("sword", "shield"),
        extras=("belt",),
    ),
    "traveller": _row(
        top="coat", main="b5543c", second="3a4152", accent="e9d9b4", extras=("scarf", "backpack")
    ),
    "builder": _row(
        top="jacket",
        main="f08a2a",
        second="3f5573",
        hat="hardhat",
        accent="f5e04a",
        extras=("stripes",),
    ),
    "photographer": _row(top="jacket", main="4a5240", second="39414e", props=("camera",)),
    "sailor": _row(top="jacket", main="f2f2f0", second="27395e", hat="sailor", accent="27395e"),
}

TRADES: dict[str, str] = {
    word: trade
    for trade, words in {
        "chef": "chef cook baker",
        "knight": "knight paladin crusader",
        "king": "king emperor",
        "queen": "queen empress",
        "princess": "princess",
        "prince": "prince",
        "wizard": "wizard sorcerer mage magician druid",
        "witch": "witch sorceress",
        "pirate": "pirate buccaneer",
        "detective": "detective spy investigator inspector",
        "firefighter": "firefighter fireman",
        "doctor": "doctor surgeon physician",
        "nurse": "nurse",
        "scientist": "scientist chemist professor inventor",
        "diver": "diver snorkeler",
        "skater": "skater skateboarder",
        "runner": "runner sprinter jogger athlete",
        "dancer": "dancer ballerina",
        "musician": "musician guitarist busker",
        "singer": "singer",
        "farmer": "farmer gardener fisherman",
        "cowboy": "cowboy sheriff cowgirl",
        "samurai": "samurai",
        "ninja": "ninja",
        "monk": "monk",
        "police": "police policeman policewoman officer",
        "soldier": "soldier",
        "superhero": "superhero superheroine hero heroine",
        "artist": "artist painter",
        "hiker": "hiker climber mountaineer",
        "explorer": "explorer archaeologist adventurer",
        "teacher": "teacher librarian writer",
        "student": "student teenager",
        "business": "businessman businesswoman lawyer groom gentleman banker",
        "bride": "bride",
        "santa": "santa",
        "clown": "clown",
        "viking": "viking warrior",
        "traveller": "traveler traveller wanderer pilgrim nomad",
        "builder": "worker builder engineer carpenter mechanic",
        "photographer": "photographer cameraman filmmaker",
        "sailor": "sailor captain",
    }.items()
    for word in words.split()
}
