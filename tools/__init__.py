"""What a stage can do, and who does it.

Public, for the apps above: `registry` (which tools there are here and who does their work),
`catalog` (the tools this project declares), `palette`, `palette_schemas` and `reference` (how they
are shown), `completion` (what a result has beyond its media), and `declaration` (what a tool is,
and how a call of it is read). Of `providers`: `base`. The rest is private.
"""
