"""How the process of a job run attaches to the warm JVM and reports its failure."""
