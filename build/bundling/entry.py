"""What the installed program runs: the program's own front door, behind the two starts that Python makes of itself."""

import sys

if "-c" in sys.argv[1:] or "--multiprocessing-fork" in sys.argv[1:]:
    # multiprocessing starts `sys.executable`, which here is this program; this answers it and ends the process.
    import multiprocessing

    multiprocessing.freeze_support()

from media_assistant.__main__ import main

sys.exit(main())
