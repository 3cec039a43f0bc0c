"""Placeholders, drawn and synthesized: scenes, people, music, speech, and edits that draw.

Frozen: no new subjects, places or styles are added. A prompt becomes a brief (`prompt.brief.read`),
the brief a stage of layers (`scenes.build.build`), the stage pictures and films. One seed and one
prompt give the same bytes on the same machine.
"""
