"""Everything that talks to people: commands, charts, alerts, platforms."""
