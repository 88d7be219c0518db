"""The phrases of the features; each only tells drillbook what its line demands."""
