"""Load on a whole service: the real server, the real engine, real voices, listeners over HTTP."""
