#!/bin/sh
# The browser that the tests drive. Debian's own chromium; nothing is downloaded from elsewhere.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
for app in "Chromium.app/Contents/MacOS/Chromium" "Google Chrome.app/Contents/MacOS/Google Chrome"; do
    [ -x "/Applications/$app" ] && exit 0
done

if [ "$(uname)" = Darwin ]; then
    echo "The browser tests need Chromium: install it (brew install --cask chromium) and run this again." >&2
    exit 1
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "The browser tests need Chromium: install your system's package and run this again." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "The browser tests need Chromium: run 'sudo apt-get install chromium' and run this again." >&2
    exit 1
fi
mkdir -p var
echo "Setting up: the browser for the tests (chromium)"
if ! { apt-get update && apt-get install --yes --no-install-recommends chromium; } >var/chromium.log 2>&1; then
    echo "Chromium could not be installed for the browser tests; the reason is at the end of var/chromium.log." >&2
    exit 1
fi
