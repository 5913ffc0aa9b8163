"""Step Functions: moto's interpreter of the Amazon States Language behind the account's endpoint."""
