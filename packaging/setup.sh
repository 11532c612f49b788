# Sourced by run and test: Python, the project in a virtual environment, and the system libraries that Qt needs.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/.venv
python=$venv/bin/python

qt_packages=(
    libdbus-1-3 libegl1 libfontconfig1 libfreetype6 libgl1 libglib2.0-0 libwayland-client0 libwayland-cursor0 libwayland-egl1
    libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0
    libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 libxkbcommon-x11-0
)

say() { printf 'vmplanner: %s\n' "$*" >&2; }

# Install Debian packages, or say what to type when this user can't. Package lists are fetched only if those here do not do.
install_packages() {
    local output get=(env DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes -o DPkg::Lock::Timeout=120)
    if ! command -v apt-get >/dev/null; then
        say "this system has no apt-get; install with its own package manager what Debian calls: $*"
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            say "system packages are missing; install them with: sudo apt-get install $*"
            return 1
        fi
        get=(sudo -n "${get[@]}")
    fi
    say "installing $*"
    if ! output=$({ "${get[@]}" install --no-install-recommends "$@" ||
        { "${get[@]}" update && "${get[@]}" install --no-install-recommends "$@"; }; } 2>&1 </dev/null); then
        printf '%s\n' "$output" >&2
        say "apt-get could not install $*"
        return 1
    fi
}

# Print the first Python that is new enough.
find_python() {
    local candidate
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    say "needs Python 3.11 or newer as python3; on Debian 12: sudo apt-get install python3"
    return 1
}

# Make an empty virtual environment in folder $1. One that was made elsewhere and moved here would not work: make it anew.
make_venv() {
    local interpreter
    if "$1/bin/python" -c '' 2>/dev/null && grep -qF "$1" "$1/pyvenv.cfg"; then return; fi
    interpreter=$(find_python)
    # Debian keeps the part of venv that brings pip in a package of its own.
    "$interpreter" -c 'import ensurepip' 2>/dev/null ||
        install_packages "$("$interpreter" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
    "$interpreter" -m venv --clear "$1"
}

# Install the project, with the extras in $1 such as "[test]", unless that was done for this very pyproject.toml.
install_project() {
    local stamp=$venv/installed$1
    make_venv "$venv"
    if ! cmp -s "$root/pyproject.toml" "$stamp"; then
        say "installing into $venv (takes a minute, once)"
        "$python" -m pip install --quiet --disable-pip-version-check --editable "$root$1"
        cp "$root/pyproject.toml" "$stamp"
    fi
}

# Shared libraries that Qt's windows need and this system lacks.
missing_libraries() {
    local qt
    qt=$("$python" -c 'import importlib.util; print(*importlib.util.find_spec("PySide6").submodule_search_locations)')/Qt
    ldd "$qt"/plugins/platforms/libq{xcb,wayland}.so "$qt"/lib/libQt6{Widgets,Svg}.so.6 |
        awk '/not found/ { print $1 }' | sort -u
}

has_fonts() {
    [ -n "$(find -L /usr/share/fonts /usr/local/share/fonts ~/.fonts ~/.local/share/fonts \
        -name '*.[ot]tf' -print -quit 2>/dev/null)" ]
}

# Install what Qt's windows need. Fails when Qt can't start in the end.
install_qt_libraries() {
    local wanted=()
    [ -z "$(missing_libraries)" ] || wanted+=("${qt_packages[@]}")
    has_fonts || wanted+=(fonts-inter)
    if [ ${#wanted[@]} -eq 0 ] || install_packages "${wanted[@]}"; then return; fi
    [ -z "$(missing_libraries)" ] # without fonts only the text is lost
}
