"""Where `python -m localcloud` begins and ends; what it takes is in `command_line.py`."""

import os
import sys

from localcloud import garbage

if __name__ == "__main__":
    with garbage.left_alone():
        from localcloud.command_line import main
    status = main()
    sys.stdout.flush()
    # The account's threads are still serving; Python's own way out would wait for them and then report on them.
    os._exit(status)
