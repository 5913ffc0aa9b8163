"""The console of the pipeline: a page on the loopback interface that shows runs, results, checks and the catalog.

It reads only public AWS APIs, with the credentials, region and endpoint of the environment: on AWS, or on
localcloud.
"""
