"""Requests about what is heard and read: music, a voice and subtitles; and what shall go."""

from __future__ import annotations

import re
from typing import Final

from compose.changes.change import Change, ChangeType, key_of, says_something, search, without
from compose.changes.clause import QUOTE, Clause, Rule

_ADD: Final = "(?:{insert}|{add}|{set}|{replace})"
_ADD_MUSIC: Final = "(?:{insert}|{add}|make|{replace})"
_OTHER: Final = r"(?!shot|scene|image|picture|voice|title|subtitle|{music}|{no})[\w'’-]+"
_SAYING: Final = r"(?:\s*(?:{saying}|:)\s*|\s*(?:to|that)\s+){1,6}"
_DROP: Final = "(?:{drop}|{no})"


def _removal(clause: Clause) -> list[Change] | None:
    """ "no music", "drop the subtitles": what is heard or put over the film goes."""
    kind = next(name for name, words in clause.match.groupdict().items() if words).strip("_")
    if kind in ("music", "voice", "all"):
        return [Change("sound", clause.target if kind == "all" else (), kind, "none")]
    types: dict[str, ChangeType] = {"title": "title", "logo": "logo", "subtitles": "subtitles"}
    return [Change(types[kind], value="none")]


def _music(clause: Clause) -> list[Change] | None:
    groups = clause.match.groupdict()
    kind, after = groups.get("kind") or "", groups.get("after") or ""
    before, has_music = groups.get("before") or "", clause.mentions.work.with_tool("generate_music")
    if groups.get("other") and not has_music:
        return None
    if "verb" in groups and not groups["verb"] and says_something(clause.rest):
        return None
    words = without(
        "{a}|just|some|something|the|nice|etwas|de la|du|sanfter|of|like|to|:|by|von|de",
        re.sub(r"[“”\"„]", "", clause.full(f"{before} {kind} {after}")),
    )
    words = " ".join(words.split()).strip(" ,.:-")
    if search("{process}", words):
        return None
    views = clause.mention if clause.mention else ()
    field = "other" if groups.get("other") else "music"
    return [Change("sound", tuple(view.id for view in views), field, words)]


def _voice(clause: Clause) -> list[Change]:
    text = clause.first_quote() or clause.words("text")
    how = " ".join(without("{a}|{the}", clause.words("how")).split())
    return [Change("sound", (), f"voice {how}".strip(), text.strip(" “”\"'"))]


def _speaker(clause: Clause) -> list[Change] | None:
    """Return the voice's language, or a preset voice by its name."""
    if not clause.mentions.work.with_tool("generate_speech"):
        return None
    language = key_of("languages", clause.words("language"))
    kind = "language" if language else "speaker"
    return [Change("sound", (), kind, language or clause.words("name"))]


def _subtitles(clause: Clause) -> list[Change] | None:
    if not clause.match["verb"] and says_something(clause.rest):
        return None
    return [Change("subtitles", (), "", clause.first_quote())]


REMOVALS: Final = (
    Rule(
        rf"{_DROP} (?:{{the}} )?(?:(?P<music>{{music}})|(?P<voice>{{voice}})"
        rf"|(?P<subtitles>{{subtitles}})"
        r"|(?P<logo>{logo})|(?P<all>{sound})|(?:\w+ )?(?P<title>{title}))(?!\w)|(?P<all_>{silent})",
        _removal,
    ),
)
VOICES: Final = (
    Rule(
        r"^\W*(?:(?:can|could|let|have|make) )?(?:{a} |{the} )?(?P<how>(?:[\w'’-]+ ){0,4}?)"
        r"{voice} (?:to )?(?:says?|reads?|speaks?|tells?) (?P<text>.+)",
        _voice,
        is_scoped=False,
    ),
    Rule(
        r"^.*?(?:{spoken}|{voice}).*? (?:in|to|auf|en) (?P<language>{languages})"
        r"|(?P<language_>{languages}) {voice}"
        r"|(?:use|{replace}|{set}) (?:{the} )?(?:{voice} )?(?:to )?(?:{the} )?"
        r"(?:voice (?:of )?|{voice} (?:to|=) *|(?<=voice )to |(?<=narrator )to )(?P<name>\w+)\W*$",
        _speaker,
        is_scoped=False,
    ),
    Rule(
        rf"(?:{_ADD} (?:{{a}} |{{the}} )?(?P<how>(?:{_OTHER} ){{0,4}}?)|^\W*(?:{{a}} )?){{voice}}"
        rf"(?:{_SAYING}(?P<text>{QUOTE}|.+))?\W*$",
        _voice,
        is_scoped=False,
    ),
)
SUBTITLES: Final = (
    Rule(
        rf"(?:(?P<verb>{_ADD}) )?(?:[\w']+ as )?(?:(?:{{the}}|some|des|{{languages}}|deutsche"
        rf"|burned-in) ){{0,6}}"
        rf"{{subtitles}}(?: *(?:{{saying}}|:)? *{QUOTE})?(?: hinzu)?",
        _subtitles,
    ),
)
RULES: Final = (
    Rule(
        r"(?:(?:{replace}|{set}) (?:{the} )?{music}(?: *: *| )(?:{by} )?|^\W*(?:{the} )?{music} *"
        r"(?::|should be) *|(?P<other>{replace} (?:{the} )?{music_kinds} {by}) )(?P<after>.+)",
        _music,
        is_scoped=False,
    ),
    Rule(
        rf"(?:(?P<verb>{_ADD_MUSIC}) |^\W*)(?P<before>(?:{_OTHER} ){{0,6}}?){{music}}(?: "
        rf"{{music_after}})*"
        rf"(?P<kind> (?:douce|calme|lente|triste|épique|suave|tranquila|alegre))?"
        rf"(?: *(?:of|with|like|:|in the style of) *(?P<after>.+))?",
        _music,
        is_scoped=False,
    ),
    Rule(
        rf"{_ADD_MUSIC} (?P<before>(?:{_OTHER} ){{0,5}}?)(?P<kind>{{music_kinds}})"
        r"(?P<after>(?: (?:and |with )?(?:{music_kinds}|soft|slow|low))*)(?: {music_after})*(?: "
        r"{music})?",
        _music,
        is_scoped=False,
    ),
)
