"""Fine-tuning of the published GPT-SoVITS family: s1, s2 and adapters of v3 and v4."""
