"""Glue's Python library as ordinary job scripts use it, on the Spark of this machine."""
