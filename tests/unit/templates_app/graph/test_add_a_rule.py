"""A rule is one file: validation, the reference and the editor take it from there."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]

RULE = """\
from collections.abc import Iterable

from core.phrases import phrase
from templates_app.graph.issues import Fix, Issue
from templates_app.graph.rules.context import Context
from templates_app.graph.rules.fix_builder import FixBuilder
from templates_app.graph.rewriting import GONE
from templates_app.graph.rules.rule import Rule
from templates_app.graph.spec import Stage


class ShoutedLabel(Rule):
    code = "shouted_label"
    level = "warning"
    about = "The label of a stage is in capitals."
    api = '`label` of stage "{stage}" is in capitals. {remedy}'
    person = "{stage:stage} shouts. {remedy}"
    phrases = {"write_small": ("Send it in small letters.", "Use small letters.")}

    def check_stage(self, stage: Stage, context: Context) -> Iterable[Issue]:
        if not stage.label.isupper():
            return ()
        return [self.issue(stage, remedy=phrase("write_small"))]

    def fix(self, found: Issue, build: FixBuilder) -> Fix | None:
        key = build.stage_key(found)
        return None if key is None else build.set_field("stages", key, ["label"], GONE, "Remove it")
"""

# In a process of its own, as rules are found once.
SCRIPT = """
import json, sys
from templates_app.graph import rules as folder
folder.__path__.append(sys.argv[1])
from templates_app.graph.rules.issue_texts import issue_to_json, issue_to_person, reference_page
from templates_app.graph.rules.validation import validate, with_fixes
from templates_app.graph.titles import TemplateTitles
from tests.support.builders.planning import TOOLS, fixed, template
spec = template(fixed("a", label="LOOK"))
[found] = with_fixes(validate(spec, TOOLS), spec, TOOLS)
told = [issue_to_json(found), issue_to_person(found, TemplateTitles(spec, TOOLS))]
print(json.dumps([*told, reference_page()]))
"""


def test_a_rule_in_a_new_file_is_checked_fixed_documented_and_shown(tmp_path):
    (tmp_path / "shouted_label.py").write_text(RULE)

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        cwd=ROOT,
        env={"PATH": "/usr/bin", "DJANGO_SETTINGS_MODULE": "tests.support.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    api, person, page = json.loads(done.stdout)
    ops = [{"op": "set", "table": "stages", "key": "a", "path": ["label"]}]
    assert api == {
        "severity": "warning",
        "code": "shouted_label",
        "message": '`label` of stage "a" is in capitals. Send it in small letters.',
        "path": "stages/a",
        "stageId": "a",
        "fix": {"label": "Remove it", "ops": ops},
    }
    assert person["message"] == "LOOK shouts. Use small letters."
    assert person["fixes"] == [{"label": "Remove it", "ops": ops}]
    assert "| `shouted_label` | warning | The label of a stage is in capitals. |" in page
