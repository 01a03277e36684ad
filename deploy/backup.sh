#!/bin/sh
# Copy the landing and the current release of a warehouse: backup.sh REE_HOME TARGET
#
# It may run while the warehouse is being written. Stored bytes never change, and the ledger only grows: so it is copied
# first, and every byte it names is there when the bytes are copied. The journal is a database, so SQLite copies it. A
# release never changes once it is linked.
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
if [ -f "$home/landing/journal.sqlite" ]; then
    rm -f "$target/landing/journal.sqlite.new"
    python3 -c 'import sqlite3, sys
source, copy = (sqlite3.connect(name) for name in sys.argv[1:])
source.backup(copy)
copy.close()' "$home/landing/journal.sqlite" "$target/landing/journal.sqlite.new"
    rm -f "$target/landing/journal.sqlite-journal" # of a transaction that was being written
    mv "$target/landing/journal.sqlite.new" "$target/landing/journal.sqlite"
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
