"""Glue's own types (awsglue.gluetypes). Frames here have Spark's: each of these raises NotImplementedError."""

from awsglue._unsupported import missing_from

__getattr__ = missing_from(__name__)
