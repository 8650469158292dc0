"""Files of the published GPT-SoVITS family: read safely, recognise, convert to bundles, write back."""
