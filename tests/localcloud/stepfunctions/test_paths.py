"""JSONPaths are parsed once, and following one changes nothing in what was parsed."""

import pytest
from moto.stepfunctions.parser.asl.component.common.path import result_path
from moto.stepfunctions.parser.asl.utils import json_path

from localcloud.stepfunctions import interpreter  # noqa: F401  it registers ours


@pytest.mark.parametrize("module", [json_path, result_path])
def test_a_path_is_parsed_once(module: object) -> None:
    assert module.parse("$.once.upon[0]") is module.parse("$.once.upon[0]")  # type: ignore[attr-defined]


def test_a_path_leads_where_it_should_each_time() -> None:
    found = [json_path.extract_json("$.rows[*].id", {"rows": [{"id": i}, {"id": -i}]}) for i in (1, 2, 3)]

    assert found == [[1, -1], [2, -2], [3, -3]]


def test_a_result_is_put_into_one_input_only() -> None:
    put = [result_path.parse("$.new.result").update_or_create({"old": i}, i) for i in (1, 2)]

    assert put == [{"old": 1, "new": {"result": 1}}, {"old": 2, "new": {"result": 2}}]
