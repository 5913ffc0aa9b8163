"""Charts drawn for whoever asks: operations of the account's own, whose processes stay ready from run to run."""

from charts.engine import EngineError, Engines
from localcloud.service import JSON, Operation, ServiceError


def operations(engines: Engines) -> dict[str, Operation]:
    """PrepareToDraw, and Draw, which answers InvalidParameterValueException for what cannot be drawn."""

    def prepare_to_draw(_: JSON) -> JSON:
        engines.start()
        return {}

    def draw(request: JSON) -> JSON:
        try:
            return {"Drawing": engines.draw(request["Kind"], request["Source"])}
        except EngineError as error:
            raise ServiceError("InvalidParameterValueException", str(error)) from None

    return {"PrepareToDraw": prepare_to_draw, "Draw": draw}
