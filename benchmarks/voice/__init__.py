"""How good is the voice: independent rulers, natural speech as ceiling, a deliberate failure as floor."""
