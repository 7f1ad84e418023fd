"""The office of one agency: drafts, registers, assignments and dossiers (văn thư, lưu trữ cơ quan)."""
