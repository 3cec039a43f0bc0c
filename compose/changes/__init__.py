"""A template and changes of it → the changed template. Pure.

`applier` does the changes that controls and a language model ask for. Stage ids are kept, and only
what was asked changes: everything else, known or unknown, stays as it was sent.
"""
