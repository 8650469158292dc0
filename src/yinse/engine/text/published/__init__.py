"""The published family's symbols and cutters: our frontend's utterances in the spelling its checkpoints know."""
