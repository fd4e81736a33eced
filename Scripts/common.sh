# Sourced by the other scripts: where things are, how to speak, how to find libtorch.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=$root/.deps

say() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
die() { say "error: $1"; shift; (($# == 0)) || printf '  %s\n' "$@" >&2; exit 1; }

# have MAJOR[.MINOR] AT_LEAST: compares two versions by their first two numbers.
have() {
    local -i major=${1%%.*} least=${2%%.*} minor=0 least_minor=0
    [[ $1 != *.* ]] || minor=$(cut -d. -f2 <<<"$1")
    [[ $2 != *.* ]] || least_minor=$(cut -d. -f2 <<<"$2")
    ((major > least || (major == least && minor >= least_minor)))
}

is_libtorch() { [[ -f $1/lib/libtorch_cpu.so && -d $1/include/ATen ]]; }

# The version of the libtorch in folder $1, e.g. 2.13.0+cpu.
libtorch_version() {
    if [[ -f $1/version.py ]]; then
        sed -n "s/^__version__ = '\(.*\)'/\1/p" "$1/version.py"
    elif [[ -f $1/build-version ]]; then
        cat "$1/build-version"
    else
        sed -n 's/^set(PACKAGE_VERSION "\(.*\)")/\1/p' "$1/share/cmake/Torch/TorchConfigVersion.cmake"
    fi
}

# Prints the folder of the libtorch to use: $LIBTORCH, else that of the last set-up, else the downloaded one.
# Fails when there is none yet; ends the script when $LIBTORCH is set but wrong.
find_libtorch() {
    local recorded=
    if [[ -n ${LIBTORCH:-} ]]; then
        is_libtorch "$LIBTORCH" || die "LIBTORCH ($LIBTORCH) is not a libtorch" \
            "It must name a folder that holds lib/libtorch_cpu.so and include/ATen," \
            "for example the folder 'torch' of a Python installation. Unset it to let make setup get one."
        (cd "$LIBTORCH" && pwd)
        return
    fi
    [[ ! -f $deps/native/build-info ]] || recorded=$(sed -n 's/^libtorch: //p' "$deps/native/build-info")
    for folder in "$recorded" "$deps/python/torch"; do
        [[ -n $folder ]] && is_libtorch "$folder" && echo "$folder" && return
    done
    return 1
}
