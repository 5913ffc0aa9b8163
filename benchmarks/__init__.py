"""What the pipeline takes on this machine, measured: `python -m benchmarks`, or `make bench`.

A part measures one thing in one run and tells the numbers; `aims.py` says which they should be. Processes are looked at
in /proc, so it runs on Linux.
"""
