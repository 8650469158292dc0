"""Script, dialogue, narration, video, publishing, live danmaku; speaks only through contracts."""
