"""The parts of the page that show and are not typed into. Every text of a person is escaped here."""
