"""What every test case of MockConfigFile.json has to do, by state machine."""

from tests.statemachine.case import Case
from tests.statemachine.cases import crawl, pipeline, refresh_spice, validate

CASES: dict[str, list[Case]] = {
    "crawl": crawl.CASES,
    "pipeline": pipeline.CASES,
    "refresh_spice": refresh_spice.CASES,
    "validate": validate.CASES,
}
