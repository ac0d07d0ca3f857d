"""Single trades: who was the aggressor, what that makes of the dealers, what was opened."""
