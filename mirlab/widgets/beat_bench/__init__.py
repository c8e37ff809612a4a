"""Beat bench: beat tracking with tempo prior and tightness to move, clicks, and tapping along."""
