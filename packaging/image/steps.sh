#!/bin/sh
# Makes a Debian 13 root the image of the server: `steps.sh WHEEL [marks]`, as root, no compiler.
# The Dockerfile runs it, and so does tests/storms/test_image.py in a root of its own.
set -eu
wheel=$1
shift

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends ca-certificates libpq5 python3 python3-venv
# Backups are made and restored with the programs of compose.yaml's Postgres. The package's own
# dependencies are wrappers in Perl, which take 60 MB.
work=$(mktemp -d)
(cd "$work" && apt-get download -q postgresql-client-17 && dpkg -x postgresql-client-17_*.deb /)
ln -s /usr/lib/postgresql/17/bin/* /usr/local/bin

python3 -m venv /opt/reelgraph
# The wheel brings the lists that it was tested with; their hashes are compared.
python3 -m zipfile -e "$wheel" "$work"
lists=
for list in runtime scale "$@"; do
    lists="$lists -r $work/reelgraph/_app/requirements/$list.txt"
done
pip="/opt/reelgraph/bin/python -m pip --disable-pip-version-check --no-cache-dir -q"
# shellcheck disable=SC2086
$pip install --no-compile --no-deps --require-hashes $lists
$pip install --no-compile --no-deps "$wheel"
$pip uninstall -y pip
find /opt/reelgraph/lib/python3*/site-packages -type d \( -name tests -o -name test \) \
    -not -path '*/django/*' -prune -exec rm -r {} +
# What a start imports is compiled, as a server can't write here; the rest is seldom used.
REELGRAPH_HOME=$work/home /opt/reelgraph/bin/reelgraph manage prepare
(cd /opt/reelgraph/lib/python3*/site-packages && /opt/reelgraph/bin/python -m compileall -q \
    reelgraph av cv2 numpy PIL pillow_heif python_calamine trimesh)

useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin reelgraph
# Volumes take their owner from these.
install -d -o reelgraph -g reelgraph -m 0700 /data /media

rm -rf "$work" /var/lib/apt/lists/* /var/cache/apt/* /root/.cache
