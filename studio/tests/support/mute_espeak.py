"""The program around eSpeak NG as where that is not installed."""

import sys

from studio.artist.speech import espeak_program

if __name__ == "__main__":
    sys.modules["espeakng_loader"] = None
    espeak_program.main()
