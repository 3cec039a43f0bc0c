"""Drawing: a prompt becomes a brief, the brief a set of layers, the layers pictures and films.

`brief.read` → `studio.build` → `Stage.frame`. Pure numpy and OpenCV, so that it runs in a sandboxed
child without Django. One seed and one prompt give the same bytes on the same machine.
"""
