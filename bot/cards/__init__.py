"""Values to blocks: what commands, alerts and briefs have in common. Definitions: docs/words.md."""
