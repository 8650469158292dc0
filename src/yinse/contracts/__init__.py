"""Words the layers share: requests, events, reports, errors and Protocols; no torch, no web."""
