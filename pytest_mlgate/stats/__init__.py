"""Pure numerics on arrays: intervals, distances, multiplicity, power. Knows no gate."""
