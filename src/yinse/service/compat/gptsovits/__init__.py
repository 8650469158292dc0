"""The routes of GPT-SoVITS api_v2, without its paths on the server and its global state."""
