#!/bin/sh
# Copy the landing and the current release of a warehouse: backup.sh REE_HOME TARGET
#
# It may run while the warehouse is being written. Stored bytes never change, and the ledger only grows: so it is copied
# first, and every byte it names is there when the bytes are copied. A release never changes once it is linked.
set -eu

home=${1:?the home of the warehouse}
target=${2:?the folder to copy to}

mkdir -p "$target/landing" "$target/releases"
if [ -f "$home/landing/ledger.jsonl" ]; then
    cp -p "$home/landing/ledger.jsonl" "$target/landing/ledger.jsonl.new"
    # what is there already is not copied again
    cp -Rpu "$home/landing/." "$target/landing/"
    mv "$target/landing/ledger.jsonl.new" "$target/landing/ledger.jsonl"
fi
if [ -L "$home/published" ]; then
    version=$(basename "$(readlink "$home/published")")
    if [ ! -d "$target/releases/$version" ]; then
        rm -rf "$target/releases/.partial"
        cp -Rp "$home/releases/$version" "$target/releases/.partial"
        mv "$target/releases/.partial" "$target/releases/$version"
    fi
    ln -sfn "releases/$version" "$target/published"
fi
