"""How good is the voice: independent rulers, with natural speech as the ceiling and a deliberate failure as the floor."""
