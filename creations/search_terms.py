"""Search terms of a creation, as words of `templates_app.tokenizer`, and those of a query.

Beside the words of its texts there are some that no text holds, each with a sign in front: what it
is, what it was made with, its tags, and its author's name apart from all else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from creations.models import Share
from templates_app.tokenizer import PICKED_WORD, line_of, tag_word, words_of

WORDS_LIMIT = 400
TAGS_LIMIT = 32

# A tag follows a space, so that the part of a link after its # is none.
_TAG = re.compile(r"(?<!\S)#([^\s#]*\w[^\s#]*)")


def kind_word(kind: str) -> str:
    """The word of creations that show a "video", "image", "audio" or "model" first."""
    return f"@{kind}"


def template_word(template_id: int) -> str:
    """The word of creations that were made with a template."""
    return f"@t{template_id}"


def author_words(name: str) -> list[str]:
    """The words of an author's name."""
    return [f"-{word}" for word in words_of(name)]


def tags_in(text: str) -> list[str]:
    """The #tags of a text in order, without their sign and as they were written."""
    tags: dict[str, str] = {}
    for tag in _TAG.findall(text):
        # Punctuation behind a tag isn't part of it.
        name = re.sub(r"^\W+|\W+$", "", tag)
        if tag_word(name):
            tags.setdefault(tag_word(name), name)
    return list(tags.values())[:TAGS_LIMIT]


def without_tags(text: str) -> str:
    """A text without what `tags_in` finds in it."""
    return _TAG.sub(" ", text)


def line_of_share(
    share: Share, kind: str, template_id: int | None, *, is_picked: bool = False
) -> str:
    """All of them, as `ShareListing.words` holds them.

    kind: of what it shows first; empty when all of it was taken down. template_id: what it was made
    with. Signs come first: of long texts the end is left out.
    """
    texts = (
        share.title,
        share.owner.shown_name,
        share.note,
        *(one["text"] for one in share.prompts),
    )

    def words() -> Iterator[str]:
        if kind:
            yield kind_word(kind)
        if template_id is not None:
            yield template_word(template_id)
        if is_picked:
            yield PICKED_WORD
        yield from author_words(share.owner.shown_name)
        yield from (tag_word(tag) for tag in tags_in(f"{share.title}\n{share.note}"))
        for text in texts:
            yield from words_of(text)

    return line_of(words(), WORDS_LIMIT)
