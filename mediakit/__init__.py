"""The parts that the server and the studio share: decoding within limits, colors, encoding, and the
protocol of a job.

It knows neither of them but for the name of the studio's jobs. Only the sandbox and the studio
import what decodes: `decode`, `frames`, `encoding` and `normals`.
"""
