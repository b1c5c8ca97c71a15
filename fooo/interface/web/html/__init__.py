"""The parts of the page that show and are not typed into."""
