"""Reference audio to VoicePrompt, an immutable value."""
