"""List prices of us-east-1 in dollars, and the least that is billed (the "Pricing" page of each service).

The allowances that are free each month (4,000 state transitions, ten alarms) are an account's, and not taken off.
"""

from operate.errors import OperateError

TRANSITION = 0.025 / 1000
CRAWLER_DPU_HOUR = 0.44
SCANNED_TB = 5.0
SPICE_GB_MONTH = 0.38
ALARM_MONTH = 0.10

JOB_LEAST_SECONDS = 60
CRAWL_LEAST_SECONDS = 600
QUERY_LEAST_BYTES = 10 * 2**20

CRAWLER_DPUS = 2
"""Of a crawl that does not tell, as in the example of Glue's pricing page."""
WORKER_DPUS = {"G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8}

_JOB_DPU_HOUR = {"STANDARD": 0.44, "FLEX": 0.29}
_JOB_DPU_HOUR_FROM_6 = {"STANDARD": 0.308, "FLEX": 0.203}


def job_dpu_hour(glue_version: str, execution_class: str) -> float:
    """A DPU-hour of a Spark job, which is cheaper from Glue 6.0 on."""
    from_6 = int(glue_version.partition(".")[0]) >= 6
    return (_JOB_DPU_HOUR_FROM_6 if from_6 else _JOB_DPU_HOUR)[execution_class]


def worker_dpus(worker_type: str) -> int:
    """The DPUs of a worker. Raises OperateError for a type that has a price of its own, or is not known."""
    if worker_type not in WORKER_DPUS:
        raise OperateError(
            f"the price of the worker type {worker_type} is not known; it is for {', '.join(WORKER_DPUS)}"
        )
    return WORKER_DPUS[worker_type]
