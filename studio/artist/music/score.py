"""From a brief to notes: form, harmony, melody, bass and drums, all drawn from one generator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studio.artist.music.form import plan_form
from studio.artist.music.patterns import COMPING, bass_line, drum_beat
from studio.artist.music.style import MusicBrief

# Chords as steps of the scale, 0 the tonic: (in minor, in major).
PROGRESSIONS: Mapping[str, tuple[Sequence[Sequence[int]], Sequence[Sequence[int]]]] = {
    "songs": (
        ((0, 5, 2, 6), (0, 3, 5, 6), (0, 6, 5, 6), (0, 2, 5, 6)),
        ((0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 5, 4)),
    ),
    "floating": (((0, 5), (0, 3, 5, 3), (0, 2, 5, 2)), ((0, 3), (0, 1, 3, 0), (0, 5, 3, 5))),
    "jazz": (
        ((0, 3, 6, 2), (1, 4, 0, 0), (0, 5, 1, 4)),
        ((1, 4, 0, 5), (0, 5, 1, 4), (2, 5, 1, 4)),
    ),
    "epic": (
        ((0, 5, 2, 6), (0, 5, 3, 6), (0, 2, 6, 3)),
        ((0, 4, 5, 3), (5, 3, 0, 4), (0, 3, 5, 4)),
    ),
    "loops": (((0, 0, 5, 6), (0, 5, 0, 6), (0, 3, 5, 6)), ((0, 3, 0, 4), (5, 3, 0, 4))),
}
_SCALES = {True: (0, 2, 3, 5, 7, 8, 10), False: (0, 2, 4, 5, 7, 9, 11)}
_MACHINES = {"techno", "dance", "synthwave", "chiptune", "drum and bass"}
_RISING = {"techno", "dance", "synthwave", "drum and bass", "pop", "orchestral", "cinematic"}

# How much of the band plays in each section.
_LAYERS: Mapping[str, frozenset[str]] = {
    "intro": frozenset({"pad", "arpeggio", "chords"}),
    "build": frozenset({"pad", "arpeggio", "chords", "bass", "light drums", "answers"}),
    "main": frozenset({"pad", "arpeggio", "chords", "bass", "drums", "lead"}),
    "break": frozenset({"pad", "chords", "answers"}),
    "outro": frozenset({"pad", "chords", "bass", "light drums"}),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One note of one instrument. start_s, held_s: seconds; pitch: MIDI number; force: 0 to 1;
    pan: -1 (left) to 1 (right)."""

    instrument: str
    start_s: float
    held_s: float
    pitch: float
    force: float
    pan: float = 0.0


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Score:
    """layers: notes by the part of the band that plays them. beats: their times in seconds."""

    layers: Mapping[str, Sequence[Note]]
    sections: tuple[Section, ...]
    beats: tuple[float, ...]
    duration_s: float


def write_score(
    brief: MusicBrief, duration_s: float, rng: np.random.Generator, *, tags: Sequence[str] = ()
) -> Score:
    """Write a piece of exactly duration_s that begins, grows and comes to rest on its tonic."""
    return _Composer(brief, duration_s, rng, tags).compose()


class _Composer:
    def __init__(
        self,
        brief: MusicBrief,
        duration_s: float,
        rng: np.random.Generator,
        tags: Sequence[str],
    ) -> None:
        self.brief, self.style, self.rng = brief, brief.style, rng
        self.duration_s = duration_s
        self.beat_s = 60 / brief.bpm
        self.bar_s = self.beat_s * brief.metre
        self.bars = max(1, int(duration_s / self.bar_s + 0.02))
        self.form = plan_form(self.bars, tags)
        self.scale = _SCALES[brief.minor]
        choices = PROGRESSIONS[self.style.harmony][0 if brief.minor else 1]
        # The chorus has the first one drawn; verse and bridge go other ways, where there are any.
        order = [choices[int(index)] for index in rng.permutation(len(choices))]
        self.progressions = {
            name: order[number % len(order)]
            for name, number in (
                ("main", 0),
                ("intro", 0),
                ("outro", 0),
                ("build", 1),
                ("break", 2),
            )
        }
        self.progression = order[0]
        self.bars_a_chord = 2 if self.bar_s < 1.4 else 1
        self.layers: dict[str, list[Note]] = {}
        self.motifs = [self._motif(), self._motif()]
        self.verse_motifs = [self._motif(), self._motif()]
        self.arpeggio_shape = rng.permutation(4)
        self.voicing: list[int] = []
        self.melody_at = 7 + int(rng.integers(0, 5))

    def compose(self) -> Score:
        bar = 0
        sections = []
        for index, (name, length) in enumerate(self.form):
            plays = _LAYERS[name]
            self.progression = self.progressions[name]
            following = self.form[index + 1][0] if index + 1 < len(self.form) else ""
            for inside in range(length):
                self._bar(bar, inside, length, name, plays, following)
                bar += 1
            start, end = (bar - length) * self.bar_s, bar * self.bar_s
            last = index + 1 == len(self.form)
            sections.append(Section(name, start, self.duration_s if last else end))
        count = int(self.duration_s / self.beat_s + 1e-6) + 1
        beats = tuple(t for n in range(count) if (t := n * self.beat_s) < self.duration_s)
        return Score(self.layers, tuple(sections), beats, self.duration_s)

    def _bar(
        self,
        bar: int,
        inside: int,
        length: int,
        section: str,
        plays: frozenset[str],
        following: str,
    ) -> None:
        style = self.style
        closing = bar == self.bars - 1
        # Counted from the section's start: each begins where its progression begins.
        chord = self.progression[inside // self.bars_a_chord % len(self.progression)]
        turning = following == "main" and inside == length - 1 and length >= 4
        if closing:
            chord = 0
        elif turning and self.style.harmony not in ("floating", "loops"):
            chord = 4  # the dominant leads back
        tones = self._voiced(chord)
        # Layers come in one by one over the first half of a section that grows.
        early = inside < length / 2
        # The last chord rings through whatever is left after the last whole bar.
        held = self.bar_s if not closing else self.duration_s - bar * self.bar_s
        if style.pad and (section != "intro" or not early or length == 1 or not style.arpeggio):
            changes = inside % self.bars_a_chord == 0 or turning
            if changes or closing:
                spans = 1 if closing or inside + 1 == length else self.bars_a_chord
                for number, tone in enumerate(tones):
                    self._add(
                        "pad", style.pad, bar, 0, held * spans, tone, 0.5, pan=(number - 1) * 0.35
                    )
        if closing:
            self._last_bar(bar, tones, held, plays)
            return
        # A piece may open on its arpeggio alone, but someone has to open it.
        opens = style.comping in ("hold", "broken") or not style.arpeggio
        if style.chords and (section != "intro" or opens):
            self._chords(bar, tones, quiet=section in ("intro", "break"))
        if style.arpeggio and "arpeggio" in plays:
            self._arpeggio(bar, tones, fast=section == "main")
        if style.bass and "bass" in plays:
            self._bass(bar, inside, chord)
        if "lead" in plays or ("answers" in plays and not early and inside % 2 == 1):
            self._melody(bar, inside, tones, sparse="lead" not in plays)
        self._drums(bar, inside, length, section, plays, following)

    def _last_bar(self, bar: int, tones: Sequence[int], held: float, plays: frozenset[str]) -> None:
        style = self.style
        for number, tone in enumerate(tones):
            # Rolled a little, as hands do.
            self._add(
                "chords", style.chords, bar, number * 0.04, held, tone, 0.6, pan=(number - 1) * 0.2
            )
        self._add("bass", style.bass, bar, 0, held, self._pitch(0, 36), 0.7)
        if style.lead and self.bars > 1:
            self._add("lead", style.lead, bar, 0, held * 0.8, self._pitch(7, 60), 0.5)
        if style.beat not in ("none", "shaker", "swing"):
            self._add("drums", "crash", bar, 0, 1.0, 60, 0.4, pan=0.2)

    def _chords(self, bar: int, tones: Sequence[int], *, quiet: bool) -> None:
        comping = "hold" if quiet and self.style.comping != "broken" else self.style.comping
        force = 0.4 if quiet else 0.6
        if comping == "broken":
            order = [0, 1, 2, 1] if len(tones) == 3 else [0, 1, 2, 3]
            for half in range(self.brief.metre * 2):
                tone = tones[order[half % 4]] - (12 if half == 0 else 0)
                self._add(
                    "chords",
                    self.style.chords,
                    bar,
                    half / 2,
                    self.beat_s * 1.4,
                    tone,
                    force * (1.0 if half % 2 == 0 else 0.75),
                    pan=-0.15,
                )
            return
        for start, beats in COMPING[comping](self.brief.metre):
            for number, tone in enumerate(tones):
                self._add(
                    "chords",
                    self.style.chords,
                    bar,
                    start,
                    beats * self.beat_s,
                    tone,
                    force,
                    pan=(number - 1) * 0.25,
                )

    def _arpeggio(self, bar: int, tones: Sequence[int], *, fast: bool) -> None:
        steps = 4 if fast and self.brief.bpm < 150 and self.style.busy > 0.35 else 2
        for step in range(self.brief.metre * steps):
            tone = tones[self.arpeggio_shape[step % 4] % len(tones)] + 12
            self._add(
                "arpeggio",
                self.style.arpeggio,
                bar,
                step / steps,
                self.beat_s / steps,
                tone,
                0.65 if step % steps == 0 else 0.45,
                pan=0.5 * (-1) ** step,
            )

    def _bass(self, bar: int, inside: int, chord: int) -> None:
        root = self._pitch(chord, 36)
        fifth = root + 7 if root < 41 else root - 5
        following = self.progression[(inside + 1) // self.bars_a_chord % len(self.progression)]
        ahead = self._pitch(following, 36)
        for start, beats, which in bass_line(self.style.bass_line, self.brief.metre, self.rng):
            pitch = {
                "root": root,
                "fifth": fifth,
                "octave": root + 12,
                "third": self._pitch(chord + 2, 36),
                "ahead": ahead + (1 if ahead < root else -1),
            }[which]
            self._add(
                "bass",
                self.style.bass,
                bar,
                start,
                beats * self.beat_s * 0.95,
                pitch,
                0.8 if start == 0 else 0.65,
            )

    def _motif(self) -> list[tuple[float, int]]:
        """A bar of melody: where notes begin, in beats, and how far each steps from the last."""
        busy = self.style.busy
        notes = []
        for half in range(self.brief.metre * 2):
            likely = (0.55 + 0.4 * busy) if half % 2 == 0 else 0.75 * busy
            if half == 0 or self.rng.random() < likely * 0.9:
                notes.append((half / 2, int(self.rng.choice([-2, -1, -1, 0, 1, 1, 2, 3]))))
        return notes

    def _melody(self, bar: int, inside: int, tones: Sequence[int], *, sparse: bool) -> None:
        # A A' B A: what comes back is what people remember.
        motifs = self.verse_motifs if sparse else self.motifs
        motif = motifs[1 if inside % 4 == 2 else 0]
        if inside % 4 == 3 or sparse:
            motif = motif[: max(1, len(motif) // 2)]
        chord_tones = {tone % 12 for tone in tones}
        metre = self.brief.metre
        for number, (start, step) in enumerate(motif):
            self.melody_at += step
            if not 4 <= self.melody_at <= 15:
                self.melody_at -= 2 * step + (4 if self.melody_at > 15 else -4)
            if start in (0, metre / 2) or number == len(motif) - 1:
                near = (0, 1, -1, 2, -2)
                self.melody_at += next(
                    (n for n in near if self._pitch(self.melody_at + n, 60) % 12 in chord_tones), 0
                )
            end = motif[number + 1][0] if number + 1 < len(motif) else metre
            held = min(end - start, 2.5) * self.beat_s * 0.92
            self._add(
                "lead",
                self.style.lead,
                bar,
                start,
                held,
                self._pitch(self.melody_at, 60),
                0.8 if start == int(start) else 0.6,
                pan=0.08,
            )

    def _drums(
        self,
        bar: int,
        inside: int,
        length: int,
        section: str,
        plays: frozenset[str],
        following: str,
    ) -> None:
        beat = self.style.beat
        if beat == "none":
            return
        metre = self.brief.metre
        lifting = following == "main" and inside == length - 1 and length > 1
        if lifting and self.style.name in _RISING:
            self._add("effects", "riser", bar, 0, self.bar_s, 60, 0.6)
        if section == "main" and inside == 0 and beat not in ("swing", "shaker", "dusty"):
            self._add("drums", "crash", bar, 0, 1.0, 60, 0.5, pan=-0.2)
        if "drums" not in plays and "light drums" not in plays:
            return
        # Every eighth bar of a long part turns around, the part before the chorus even more so.
        filling = lifting or (inside % 8 == 7 and inside < length - 1)
        for start, piece, force in drum_beat(beat, metre, self.rng):
            timekeeper = piece in ("hat", "shaker", "ride", "soft kick", "taiko")
            if "drums" not in plays and not timekeeper and start != 0:
                continue
            if filling and start >= metre - 1 and piece not in ("kick", "soft kick"):
                continue
            pan = {"hat": 0.25, "open hat": 0.25, "ride": -0.25, "shaker": 0.35}.get(piece, 0.0)
            self._add("drums", piece, bar, start, 0.2, 60, force, pan=pan)
        if filling and ("drums" in plays or "light drums" in plays):
            piece = {"swing": "brush", "taiko": "taiko", "pulse": "taiko", "dusty": "rim"}.get(
                beat, "snare"
            )
            for quarter in range(4):
                self._add(
                    "drums", piece, bar, metre - 1 + quarter / 4, 0.2, 60, 0.4 + 0.15 * quarter
                )

    def _voiced(self, chord: int) -> list[int]:
        """The chord near the middle of the keyboard, moving as little as it can from the last."""
        size = 4 if self.style.sevenths else 3
        close = [self._pitch(chord + 2 * n, 48) for n in range(size)]
        options = []
        for turn in range(-2, size + 1):
            tones = sorted(
                tone + 12 * ((turn + size - 1 - number) // size)
                for number, tone in enumerate(close)
            )
            options.append(tones)
        centre = self.voicing or [60] * size
        self.voicing = min(
            options,
            key=lambda tones: (
                sum(abs(a - b) for a, b in zip(tones, centre, strict=True))
                + 2 * max(0, 52 - tones[0])
                + 2 * max(0, tones[-1] - 76)
            ),
        )
        return self.voicing

    def _pitch(self, step: int, around: int) -> int:
        """The MIDI number of a scale step; step 0 is the tonic at or above `around`."""
        tonic = around + (self.brief.tonic - around) % 12
        # Low tonics stay low: a bass a seventh too high is a bass no more.
        tonic -= 12 if tonic - around > 7 else 0
        return tonic + 12 * (step // 7) + self.scale[step % 7]

    def _add(
        self,
        layer: str,
        instrument: str,
        bar: int,
        beat: float,
        held_s: float,
        pitch: float,
        force: float,
        *,
        pan: float = 0.0,
    ) -> None:
        if not instrument:
            return
        whole, part = divmod(beat, 1)
        swing = self.style.swing
        part = part * 2 * swing if part < 0.5 else swing + (part - 0.5) * 2 * (1 - swing)
        start = bar * self.bar_s + (whole + part) * self.beat_s
        if self.style.name not in _MACHINES:
            start = max(0.0, start + float(self.rng.normal(0, 0.005)))
            force = min(1.0, max(0.1, force + float(self.rng.normal(0, 0.05))))
        if start < self.duration_s:
            held_s = min(held_s, self.duration_s - start)
            note = Note(instrument, start, held_s, pitch, force, pan)
            self.layers.setdefault(layer, []).append(note)
