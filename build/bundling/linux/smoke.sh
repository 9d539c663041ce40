#!/bin/sh
# What an installed program must be able to do, tried on a system without a screen: find its own parts, bring in, find, put in
# order, learn, show a window, end, and leave nothing where others keep their things.
set -eu
export MEDIA_ASSISTANT_HOME="${MEDIA_ASSISTANT_HOME:-$(mktemp -d)}"
samples=$(dirname "$(readlink -f "$(command -v media-assistant)")")/_internal/resources/samples
media-assistant --check-parts
# A file whose analysis fails changes no status; and what is looked for must stand inside a file, not in its name.
media-assistant --quiet --json import "$samples" | grep -E '"failed": \[\],.*"analyses": \{"done": [1-9][0-9]*, "failed": 0\}'
media-assistant --quiet search telescope | grep -aF night-sky.txt
media-assistant --quiet search 礁石 | grep -aF 灯塔与大海.txt
media-assistant --quiet search written:lake | grep -aF journey.mp4
media-assistant --quiet similar "$samples/night-sky.txt" | grep -aF 夜空.html
media-assistant --quiet groups
media-assistant --quiet for-you | grep -aE '^ *[0-9]+  .+  · '
media-assistant --quiet duplicates
media-assistant --quiet mix --seed "$samples/evening-walk.ogg" --minutes 5 | grep -aE '^ *[0-9]+  '
media-assistant --quiet --json teach 夜 --like "$samples/night-sky.txt" --like "$samples/夜空.html" --not "$samples/lighthouse.md" |
  grep -aF '"taught": true'
# Without the training pack it says so, in words and with the status of what a person can mend; with it, that it can.
status=0
media-assistant --quiet train || status=$?
test "$status" = 0 || test "$status" = 1
media-assistant --quiet check
# The window ends by a signal as it does by a click, and before its screen does; 124 says that it ran until then.
status=0
xvfb-run -a timeout --kill-after 20 20 media-assistant || status=$?
test "$status" = 124 || test "$status" = 0
if ls "${XDG_RUNTIME_DIR:-/tmp}"/media-assistant-* 2>/dev/null; then echo "It left its socket behind."; exit 1; fi
# A window that stands there may have failed at everything but standing there.
if grep -r Traceback "$MEDIA_ASSISTANT_HOME" --include="*.log"; then exit 1; fi
echo "The installed program works."
