"""The speech routes of the ElevenLabs API."""
