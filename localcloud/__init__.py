"""The AWS account on your machine: the endpoint that `AWS_ENDPOINT_URL` names. Never deployed."""
