"""Speaking: prepare, stream, encode, align, settle; over HTTP, WebSocket and as jobs."""
