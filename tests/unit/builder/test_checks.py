from pathlib import Path

from builder.checks import file_system_problems, missing_features, sqlite_problems


def test_names_a_sqlite_that_is_too_old() -> None:
    (problem,) = sqlite_problems((3, 31, 1), [])
    assert problem.id == "builder.E001"
    assert "3.31.1" in problem.msg


def test_names_the_features_a_sqlite_lacks() -> None:
    (problem,) = sqlite_problems((3, 40, 0), ["JSON", "FTS5"])
    assert problem.id == "builder.E002"
    assert "JSON and FTS5" in problem.msg


def test_accepts_the_sqlite_of_this_machine() -> None:
    assert missing_features() == []


def test_warns_of_a_data_folder_on_a_network_file_system() -> None:
    (warning,) = file_system_problems(Path("/mnt/share"), "nfs4")
    assert warning.id == "builder.W001"
    assert file_system_problems(Path("/srv"), "ext4") == []
