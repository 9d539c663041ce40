#!/bin/sh
# What an installed program must be able to do, tried on a system without a screen: bring in, find, show a window, end.
set -eu
export MEDIA_ASSISTANT_HOME="${MEDIA_ASSISTANT_HOME:-$(mktemp -d)}"
samples=$(dirname "$(readlink -f "$(command -v media-assistant)")")/_internal/resources/samples
media-assistant --quiet import "$samples"
media-assistant --quiet search lighthouse | grep -i lighthouse
media-assistant --quiet search 海 | grep .
# The window ends by a signal as it does by a click; 124 says that it ran until then.
status=0
timeout --kill-after 20 20 xvfb-run -a media-assistant || status=$?
test "$status" = 124 || test "$status" = 0
# A window that stands there may have failed at everything but standing there.
if grep -r Traceback "$MEDIA_ASSISTANT_HOME" --include="*.log"; then exit 1; fi
echo "The installed program works."
