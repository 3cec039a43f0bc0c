"""What each type of script is made of: its beats, how long they are to each other, who speaks.

`{idea}` stands for what the film is about, in the person's words; `{it}` for the same in the middle
of a sentence; `{in_use}` for what one does with it; `{low}`, `{main}`, `{last}` for what moves, by
`subjects`. With a capital they begin a sentence. Pure data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Voice: TypeAlias = Literal["", "voice-over", "to camera", "dialogue"]


@dataclass(frozen=True, slots=True)
class Beat:
    """One scene. key: its spoken line, see `spoken_lines`. weight: its length to the others'.
    rank: 1 is kept longest when there are fewer scenes than beats. visual: "" is the idea alone.
    """

    title: str
    key: str
    rank: int
    visual: str
    action: str
    camera: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ScriptType:
    """beats: in their order. more: repeated, in turn, where a script has more scenes than beats;
    they go before the last `ending` beats. scene_s: the usual length of a scene in seconds.
    music: the style where the brief names none, see `music_styles`.
    """

    name: str
    title: str
    voice: Voice
    scene_s: float
    usual_s: float
    beats: tuple[Beat, ...]
    more: tuple[Beat, ...]
    ending: int = 1
    music: str = "cinematic"


_DETAIL = Beat(
    "Detail", "detail", 9, "A telling detail of {it}, close enough to feel its texture",
    "One small movement draws the eye to it", "close-up, shallow depth of field, slow slide",
)  # fmt: skip
_OTHER_SIDE = Beat(
    "Another side", "other", 9, "{Idea}, seen from an unexpected angle",
    "Something enters or leaves the frame and changes the balance",
    "low angle, slow tracking move",
)  # fmt: skip
_AROUND = Beat(
    "Around it", "around", 9, "What surrounds {it}: the place and the light around it",
    "The place goes on with its own life", "wide shot, locked off",
)  # fmt: skip

_WORK = Beat(
    "At work", "", 9, "Hands or moving parts, very close: {it} at work",
    "One movement, done with care", "macro, locked off",
)  # fmt: skip
_SHADOW = Beat(
    "Shadow", "", 9, "Only the shadow or the reflection of {it}",
    "The shadow moves before anything else does", "low angle, slow tilt up",
)  # fmt: skip
_SMALL = Beat(
    "Distance", "", 9, "{Idea}, very small in a wide frame",
    "The place is larger than the one thing in it", "extreme wide shot, locked off",
)  # fmt: skip
_MORE: Final = (_DETAIL, _OTHER_SIDE, _AROUND, _WORK, _SMALL, _SHADOW)

TYPES: Final = {
    kind.name: kind
    for kind in (
        ScriptType(
            "video_prompt",
            "Video prompt",
            "",
            5,
            10,
            (
                Beat(
                    "Opening", "", 1, "{Idea}", "{Low}", "wide shot, slow push-in",
                ),
                Beat(
                    "Development", "", 3, "{Idea}, closer now", "{Main}",
                    "medium shot, steady tracking move",
                ),
                Beat(
                    "End", "", 2, "{Idea}, in a clear final image", "{Last}",
                    "slow pull-back that ends still",
                ),
            ),
            _MORE,
        ),
        ScriptType(
            "screenplay",
            "Screenplay",
            "dialogue",
            12,
            60,
            (
                Beat(
                    "Setup", "setup", 1, "{Idea}, on an ordinary day",
                    "We see what matters here, and what is missing",
                    "wide shot, then a cut to a medium shot at eye level", 1.2,
                ),
                Beat(
                    "Turn", "turn", 3, "{Idea}, when something changes",
                    "A small event that can't be undone",
                    "medium close-up, handheld, a little closer than before",
                ),
                Beat(
                    "Obstacle", "obstacle", 4, "{Idea}, with something in the way",
                    "The first attempt fails", "over-the-shoulder shots, cutting faster", 1.2,
                ),
                Beat(
                    "Decision", "decision", 5, "A quiet moment, before anything is decided",
                    "A choice is made without words", "close-up, locked off", 0.8,
                ),
                Beat(
                    "Resolution", "resolution", 2, "{Idea}, changed",
                    "We see what the choice has cost and what it has brought",
                    "wide shot that mirrors the first one, slow pull-back",
                ),
            ),
            _MORE,
        ),
        ScriptType(
            "storyboard",
            "Storyboard",
            "",
            4,
            16,
            (
                Beat(
                    "Establish", "", 1, "{Idea}: everything in one frame",
                    "The place is alive before anything happens",
                    "wide establishing shot, locked off", 1.2,
                ),
                Beat(
                    "Introduce", "", 3, "{Idea}, the main subject alone in the frame", "{Low}",
                    "medium shot at eye level, slow push-in",
                ),
                Beat(
                    "Action", "", 4, "{Idea}, at the moment it happens", "{Main}",
                    "tracking shot beside the movement",
                ),
                Beat(
                    "Reaction", "", 5, "A face or a detail that shows what it means",
                    "A small, honest reaction", "close-up, shallow depth of field", 0.8,
                ),
                Beat(
                    "Closing image", "", 2, "{Idea}, as we will remember it", "{Last}",
                    "wide shot, slow crane up",
                ),
            ),
            _MORE,
        ),
        ScriptType(
            "ad_script",
            "Ad script",
            "voice-over",
            4,
            20,
            (
                Beat(
                    "Hook", "hook", 1, "{Idea}, in one striking image",
                    "Something catches the eye within the first second",
                    "extreme close-up, fast push-in", 0.6,
                ),
                Beat(
                    "Problem", "problem", 5, "A familiar moment that doesn't work, in flat light",
                    "Someone gives up on a small everyday task",
                    "handheld medium shot, slightly off balance",
                ),
                Beat(
                    "Product", "product", 3,
                    "{Idea}, clean and well lit, in the middle of the frame",
                    "It appears and takes the problem's place",
                    "slow push-in, smooth and centered", 1.2,
                ),
                Beat(
                    "Benefit", "benefit", 4, "{Idea} {in_use}, in warm light",
                    "The same task again, and this time it is easy",
                    "tracking shot, calm and steady", 1.2,
                ),
                Beat(
                    "Proof", "proof", 6, "Faces of people who know {it}", "A short, real smile",
                    "close-ups at eye level, quick cuts", 0.8,
                ),
                Beat(
                    "Call to action", "action", 2,
                    "{Idea} beside its name and one short line of text",
                    "The frame comes to rest so that the text can be read",
                    "locked off, clear space for text", 0.9,
                ),
            ),
            _MORE,
            music="pop",
        ),
        ScriptType(
            "trailer",
            "Trailer",
            "voice-over",
            3,
            30,
            (
                Beat(
                    "Title card", "card", 4, "Black. A short line of text fades in",
                    "Silence, then one low hit", "locked off", 0.6,
                ),
                Beat(
                    "World", "world", 1, "{Idea}, vast and quiet", "The calm before",
                    "slow aerial glide", 1.2,
                ),
                Beat(
                    "Threat", "threat", 5, "{Idea}, and a shadow that wasn't there before",
                    "Something is about to happen; faces turn", "slow push-in, low angle",
                ),
                Beat(
                    "Rise", "rise", 3, "{Idea}, in fast fragments",
                    "Three short actions, each cut before it ends",
                    "handheld, quick cuts on the beat", 1.2,
                ),
                Beat(
                    "Last look", "last", 6, "A face or a shape in close-up, half in the dark",
                    "Everything stops for a breath", "extreme close-up, locked off", 0.7,
                ),
                Beat(
                    "Title", "title", 2, "The title on black: {idea}",
                    "The title hits with the last note", "locked off", 0.8,
                ),
            ),
            _MORE,
            ending=2,
            music="trailer",
        ),
        ScriptType(
            "social_short",
            "Social short",
            "to camera",
            3,
            15,
            (
                Beat(
                    "Hook", "short_hook", 1, "{Idea}, already in motion in the very first frame",
                    "Starts in the middle of the action; text on screen at once",
                    "handheld close-up, subject in the middle third", 0.6,
                ),
                Beat(
                    "Promise", "short_promise", 4, "A quick look at what comes of {it}",
                    "Half a second of the result, then back to the start",
                    "jump cut, tight framing", 0.7,
                ),
                Beat(
                    "Do it", "short_do", 3, "{Idea}, step by step from above",
                    "Hands work quickly; every cut is one step",
                    "overhead shot, cuts on each movement", 1.4,
                ),
                Beat(
                    "Result", "short_result", 2, "The result, held up to the camera",
                    "A short, happy reaction", "push-in to a close-up",
                ),
                Beat(
                    "Loop", "short_loop", 5,
                    "The same frame as at the start, so that it plays in a loop",
                    "The movement meets its own beginning",
                    "handheld close-up, as in the first shot", 0.6,
                ),
            ),
            _MORE,
            ending=2,
            music="pop",
        ),
        ScriptType(
            "talking_head",
            "Talking head",
            "to camera",
            8,
            30,
            (
                Beat(
                    "Greeting", "talk_hello", 1, "The speaker, chest up, in soft window light",
                    "Looks into the lens, a breath, then speaks",
                    "medium close-up at eye level, locked off", 0.7,
                ),
                Beat(
                    "Point", "talk_point", 3, "The speaker, a little closer",
                    "Says one thing and waits; hands stay low", "close-up, slow push-in",
                    1.3,
                ),
                Beat(
                    "Example", "talk_example", 4, "Cutaway: {idea}, while the voice goes on",
                    "We see what the speaker means", "cutaway, slow slide", 1.2,
                ),
                Beat(
                    "Closing", "talk_close", 2, "The speaker as in the first shot",
                    "A small nod, then holds still for two seconds",
                    "medium close-up at eye level, locked off", 0.8,
                ),
            ),
            (
                Beat(
                    "Next point", "talk_next", 9, "The speaker from a slight angle",
                    "Leans in a little with the second thought",
                    "medium close-up from 30 degrees, locked off",
                ),
                Beat(
                    "Cutaway", "talk_more", 9, "Cutaway: a detail of {it}",
                    "The voice goes on while we look closer", "close-up, slow tilt",
                ),
            ),
        ),
        ScriptType(
            "campaign",
            "Campaign",
            "voice-over",
            12,
            48,
            (
                Beat(
                    "Hero film", "hook", 1,
                    "{Idea}, told in full: where it begins, what it does, who it is for",
                    "The one story that everything else is cut from",
                    "wide and close shots in turn, smooth moves, 16:9", 3,
                ),
                Beat(
                    "Cut-down", "product", 3, "{Idea}, only the turning point and the result",
                    "Begins with the strongest image of the hero film",
                    "faster cuts, 16:9 and 1:1", 1.5,
                ),
                Beat(
                    "Vertical short", "short_hook", 4, "{Idea}, shot for phones, text on screen",
                    "Starts in motion; understood without sound",
                    "handheld, subject in the middle third, 9:16", 1.5,
                ),
                Beat(
                    "Bumper", "action", 2, "{Idea} in a single image with its name",
                    "One movement, one line, one logo",
                    "locked off, clear space for text, all formats", 0.8,
                ),
            ),
            (
                Beat(
                    "Detail spot", "detail", 9, "One detail of {it}, nothing else",
                    "The detail moves into the light", "macro, slow slide, 1:1",
                ),
                Beat(
                    "People spot", "proof", 9, "People who already know {it}",
                    "They say in a few words what changed", "close-ups at eye level, 1:1",
                ),
            ),
            music="pop",
        ),
        ScriptType(
            "revision",
            "Revision",
            "",
            5,
            20,
            (
                Beat(
                    "Opening, shorter", "", 1, "{Idea}",
                    "Starts later: cut everything before the first movement",
                    "one clear shot instead of two, slow push-in", 0.8,
                ),
                Beat(
                    "Middle, clearer", "", 3, "{Idea}, with one thing to look at",
                    "One action that the viewer can name", "medium shot at eye level, steady", 1.2,
                ),
                Beat(
                    "End, stronger", "", 2, "{Idea}, in the image that should stay",
                    "Ends on a picture, not on a line",
                    "slow pull-back, held for one second longer",
                ),
            ),
            _MORE,
        ),
    )
}  # fmt: skip
