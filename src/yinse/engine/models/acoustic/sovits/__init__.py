"""SoVITS of the base voice: tokens, phonemes and a voice to latents, by a flow or by a diffusion prior."""
