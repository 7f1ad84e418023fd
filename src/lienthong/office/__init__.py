"""The office of an agency: drafting, signing, numbering, registering, assigning and filing of its documents."""
