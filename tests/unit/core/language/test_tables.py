"""Tables of words in TOML."""

from __future__ import annotations

from pathlib import Path

from core.language.phrases import words_of
from core.language.tables import Tables


def test_table_holds_what_all_languages_say(tmp_path: Path) -> None:
    for language, text in {
        "en": 'around = "over within"\n[units]\ns = "seconds"\n',
        "fr": 'around = "à sous"\n[units]\ns = "secondes"\n',
    }.items():
        (tmp_path / language).mkdir()
        (tmp_path / language / "lengths.toml").write_text(text, encoding="utf-8")
    tables = Tables(tmp_path)
    assert tables.words("lengths", "around") == {"over", "within", "a", "sous"}
    units = tables.phrases("lengths", "units", str)
    text = words_of("un film pour ma fille, dans des secondes")
    assert [match.value for match in units.find(text)] == ["s"]
    assert tables.check() == []


def test_check_names_the_file_and_the_fault(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "looks.toml").write_text('[styles]\nnoir = "film noir, film noir"\n')
    [problem] = Tables(tmp_path).check()
    assert problem.startswith("en/looks.toml")
    assert "listed twice: film noir" in problem


def test_lists_of_a_subject_are_had_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "es").mkdir()
    (tmp_path / "en" / "edits.toml").write_text(
        'joins = "and then ,"\ntalks = ["talks to the camera"]\n[names]\nen = "english, english"\n'
    )
    (tmp_path / "es" / "edits.toml").write_text('[names]\nen = "inglés"\n', encoding="utf-8")
    tables = Tables(tmp_path)
    assert len(tables.check()) == 1
    (tmp_path / "en" / "edits.toml").write_text(
        'joins = "and then ,"\ntalks = ["talks to the camera"]\n[names]\nen = "english"\n'
    )
    tables = Tables(tmp_path)
    assert tables.subject("edits")["joins"] == {"and", "then", ","}
    assert tables.texts("edits", "talks", "es") == ["talks to the camera"]
    assert tables.meanings("edits", "names") == {"english": "en", "ingles": "en"}
