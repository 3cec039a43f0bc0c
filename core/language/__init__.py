"""The one reader of language: tokens, numbers, phrases, sentences, tables of words. Pure."""
