"""Japanese: readings and pitch accent by OpenJTalk."""
