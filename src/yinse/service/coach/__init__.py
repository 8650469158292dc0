"""The live coach: hears a recording while it is made and advises every half second."""
