"""Reply to what a platform sends. Markup, splitting and limits live here, and only here."""
