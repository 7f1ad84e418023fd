"""The office: an agency's document and work-file management, in the browser."""
