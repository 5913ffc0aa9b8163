"""The operator's commands. They work the same on AWS and on localcloud: credentials, region and endpoint are the
environment's own."""
