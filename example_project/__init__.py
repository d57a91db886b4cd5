"""An example on real data: which flights out of New York will land more than 15 minutes late."""
