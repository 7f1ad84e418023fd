"""The office (văn phòng): documents coming in and going out, from registration to the dossier."""
