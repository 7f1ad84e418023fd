"""What web contexts share: the look, the catalogue of translations, pages from templates, the guarded HTTP edge."""
