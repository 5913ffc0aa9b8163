"""The function under test, imported as Lambda does: from its own directory."""

import sys

from tests.conftest import PROJECT

sys.path.insert(0, str(PROJECT / "functions" / "start_pipeline"))
