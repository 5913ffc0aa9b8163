"""An account with Glue's job runs in it, as a process: `python job_account.py PORT DIRECTORY`."""

import asyncio
import os
import sys
import threading
from pathlib import Path

PORT, DIRECTORY = sys.argv[1], Path(sys.argv[2])
# MiniStack reads its environment when it is imported.
os.environ |= {
    "AWS_ENDPOINT_URL": f"http://127.0.0.1:{PORT}",
    "BIND_HOST": "127.0.0.1",
    "GATEWAY_PORT": PORT,
    "IOT_MTLS_ENABLED": "0",
    "LOG_LEVEL": "ERROR",
    "MINISTACK_ACCOUNT_ID": "000000000000",
    "S3_DATA_DIR": str(DIRECTORY / "s3"),
    "S3_PERSIST": "1",
    "SFTP_ENABLED": "0",
}

from hypercorn.asyncio import serve  # noqa: E402
from hypercorn.config import Config  # noqa: E402
from ministack.app import SERVICE_HANDLERS, app  # noqa: E402

from localcloud.glue.jobs import job_operations  # noqa: E402
from localcloud.glue.spark import SparkDriver  # noqa: E402
from localcloud.service import json_service  # noqa: E402

SECONDS_IN_A_MINUTE = 3.0


def main() -> None:
    """Serve until killed."""
    driver = SparkDriver(DIRECTORY / "spark", memory="1g")
    SERVICE_HANDLERS["glue"] = json_service(
        job_operations(driver, minute=SECONDS_IN_A_MINUTE), SERVICE_HANDLERS["glue"]
    )
    threading.Thread(target=driver.start, daemon=True).start()
    config = Config()
    config.bind = [f"127.0.0.1:{PORT}"]
    config.loglevel = "WARNING"
    asyncio.run(serve(app, config))


main()
