"""What is written about a model: its card, the datasheet of its training rows, its bill of materials."""
