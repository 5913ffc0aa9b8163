"""AWS Glue on this machine: the crawlers, and the Spark jobs."""
