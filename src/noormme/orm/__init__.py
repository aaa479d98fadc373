"""What the user holds: models, managers, query sets and the loading of relations."""
