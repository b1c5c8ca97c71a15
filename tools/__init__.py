"""Programs that make what Fooo ships; Fooo itself never imports them."""
