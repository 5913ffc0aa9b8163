"""Step Functions: moto's interpreter of the Amazon States Language behind the account's endpoint."""

from localcloud.stepfunctions.imports import import_without_batch

import_without_batch()
