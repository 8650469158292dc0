"""The variational ends of SoVITS: a posterior encoder from mel to latents, to be paired with a decoder."""
