"""The card gate: what a model card says, judged by its evidence and by what was measured."""
