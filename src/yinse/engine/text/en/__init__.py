"""English: normalised text to ARPAbet through a dictionary, homograph rules and a model for unknown words."""
