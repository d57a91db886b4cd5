"""Evidence: for each section one rule that says what has to be found, and where it was."""
