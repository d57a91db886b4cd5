"""What happens to a model over time: golden baselines, kept with a reason (``golden``) and only getting better."""
