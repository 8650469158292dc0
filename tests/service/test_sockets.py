import asyncio

from starlette.websockets import WebSocketDisconnect, WebSocketState

from yinse.contracts.errors import InvalidInput
from yinse.service.sockets import accepted


def test_a_refusal_that_nobody_hears_any_more_is_no_error_of_ours(house, app):
    class Gone:
        application_state = client_state = WebSocketState.CONNECTED

        async def accept(self):
            pass

        async def send_text(self, text):
            raise WebSocketDisconnect(1006)

    async def converse():
        gone = Gone()
        gone.app = app
        async with accepted(gone):
            raise InvalidInput("No.")

    asyncio.run(converse())
    assert 'yinse_refusals_total{code="invalid_input"} 1.0' in house.client.get("/metrics").text
