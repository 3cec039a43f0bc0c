"""The studio: real media on a plain CPU, drawn and synthesised, without keys or weights.

`provider` offers the tools. Everything else here runs in the sandbox child, which imports this
package for each job, so nothing is imported here.
"""
