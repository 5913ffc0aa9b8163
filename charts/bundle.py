"""The JavaScript that draws charts in a browser, Vega-Embed and all it needs, for a page that loads nothing.

Making it takes seconds, so it is made once and kept in the user's cache directory: `python -m charts.bundle`.
"""

import os
import tempfile
from pathlib import Path


def javascript() -> str:
    """The script, whose `vegaEmbed` is global."""
    kept = path()
    if not kept.exists():
        import vl_convert

        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=kept.parent, delete=False, encoding="utf-8") as file:
            file.write(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))
        Path(file.name).replace(kept)  # whole or not at all, whoever else is at it
    return kept.read_text(encoding="utf-8")


def path() -> Path:
    """Where it is kept; another version of the library has another file."""
    from importlib.metadata import version

    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "csv-to-charts" / f"vega-{version('vl-convert-python')}.js"


if __name__ == "__main__":
    javascript()
